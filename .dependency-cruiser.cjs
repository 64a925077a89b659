// Which folder may import which: the arrows of ARCHITECTURE.md, checked by `npm test`.
const only = (folder, allowed) => ({
  name: `${folder} imports only ${allowed.join(', ') || 'nothing of ours'}`,
  severity: 'error',
  from: { path: `^src/${folder}/` },
  to: {
    path: '^src/',
    pathNot: [folder, ...allowed].map((name) => (name.includes('.') ? `^src/${name}$` : `^src/${name}/`)),
  },
});
const base = ['errors.ts', 'random.ts'];
const FOLDERS = [
  'graph',
  'geometry',
  'nn',
  'io',
  'losses',
  'backbones',
  'weights',
  'images',
  'datasets',
  'retrieval',
  'store',
  'hierarchy',
  'figures',
  'fleet',
  'training',
  'cli',
  'server',
];
module.exports = {
  forbidden: [
    {
      // The gradient of an operator is written with operators, so the files of graph/ops need each other when a
      // gradient is built. They only define functions when they are loaded, hence the order does not matter there.
      name: 'no cycles, except among the operators',
      severity: 'error',
      from: {},
      to: {
        circular: true,
        via: { pathNot: '^src/graph/ops/' },
        viaOnly: { dependencyTypesNot: ['type-only'] },
      },
    },
    {
      name: 'commands and pages are known by nobody',
      severity: 'error',
      from: { pathNot: '^src/(cli|server)/' },
      to: { path: '^src/(cli|server)/' },
    },
    {
      name: 'the public interface is for users alone',
      severity: 'error',
      from: { path: '^src/' },
      to: { path: '^src/index.ts$' },
    },
    {
      name: 'src imports nothing of ours from outside',
      severity: 'error',
      from: { path: '^src/' },
      to: { path: '^(test|bench|examples|scripts)/' },
    },
    {
      name: 'every folder of src has a rule here',
      severity: 'error',
      from: { path: '^src/', pathNot: `^src/(${FOLDERS.join('|')})/|^src/[^/]+$` },
      to: {},
    },
    {
      name: 'every import is found, and is a dependency of package.json',
      severity: 'error',
      from: {},
      to: {
        dependencyTypes: ['unknown', 'undetermined', 'npm-no-pkg', 'npm-unknown'],
        dependencyTypesNot: ['npm-peer'], // npm-no-pkg, too, where it is optional
      },
    },
    only('graph', base),
    only('geometry', ['graph', ...base]),
    only('nn', ['graph', 'geometry', ...base]),
    only('io', base),
    only('losses', ['graph', 'geometry', 'nn', ...base]),
    only('backbones', ['graph', 'nn', 'geometry', 'io', ...base]),
    only('weights', ['io', 'graph', 'nn', 'backbones', ...base]),
    only('images', ['io', ...base]),
    only('datasets', ['io', 'images', ...base]),
    only('retrieval', ['graph', 'geometry', 'io', ...base]),
    only('store', ['geometry', 'retrieval', 'io', 'images', ...base]),
    only('hierarchy', ['geometry', 'retrieval', 'datasets', 'images', 'io', ...base]),
    only('figures', ['geometry', 'retrieval', 'hierarchy', 'images', 'io', ...base]),
    only('fleet', ['io', ...base]),
    only('training', [
      'graph',
      'geometry',
      'nn',
      'backbones',
      'weights',
      'losses',
      'datasets',
      'images',
      'retrieval',
      'store',
      'hierarchy',
      'figures',
      'fleet',
      'io',
      ...base,
    ]),
    {
      name: 'errors and random numbers import nothing of ours',
      severity: 'error',
      from: { path: '^src/(errors|random).ts$' },
      to: { path: '^src/' },
    },
  ],
  options: {
    tsPreCompilationDeps: true,
    doNotFollow: { path: 'node_modules' },
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: {
      extensions: ['.ts', '.js'],
      exportsFields: ['exports'],
      conditionNames: ['import', 'node', 'types', 'default'],
    },
  },
};
