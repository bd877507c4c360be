export default { fetch: () => new Response("0") };
