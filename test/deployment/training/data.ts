/** Made-up readings of a sensor: 64 steps of two numbers, of a machine that runs well or badly. */
export interface Reading {
  input: number[][];
  label: "good" | "worn";
}

export function readings(count: number): Reading[] {
  return Array.from({ length: count }, (_, i) => {
    const worn = i % 2 === 1;
    const input = Array.from({ length: 64 }, (_, t) => [
      Math.sin((t + i) / 4),
      Math.cos((t + i) / 4) + (worn && (t + i) % 9 === 0 ? 0.8 : 0),
    ]);
    return { input, label: worn ? "worn" : "good" };
  });
}
