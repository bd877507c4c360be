"use client";
import { useEffect } from "react";

export default function Page() {
  useEffect(() => {
    import("../main.js");
  }, []);
  return <h1>hiddenstate</h1>;
}
