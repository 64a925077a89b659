// Prints the native files that importing the package's root loads, one a line.
await import('@hier-ml/hier');
const { sharedObjects } = process.report.getReport();
const own = sharedObjects
  .map((path) => path.replaceAll('\\', '/'))
  .filter((path) => path.includes('/node_modules/'));
process.stdout.write(own.join('\n'));
