process.stdout.write("0");
