module.exports = {
  // The package is ECMAScript modules: Babel makes CommonJS of it, as of your own files.
  transformIgnorePatterns: ["/node_modules/(?!hiddenstate/)"],
  setupFiles: ["./text-coding.js"],
};
