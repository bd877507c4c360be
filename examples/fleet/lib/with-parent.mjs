// Imported into a process before its program: it ends with the process that started it. What it was doing is done again from
// the last checkpoint.
process.once("disconnect", () => process.exit(1));
// The channel alone does not keep it running.
process.channel?.unref();
