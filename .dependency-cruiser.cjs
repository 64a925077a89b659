// Which room may import which: the arrows of ARCHITECTURE.md, checked by `npm test`. Every room is listed, and none may
// import everything. A name followed by `/**` stands for a room with all below it; without, for its own files alone.
const ROOMS = {
  graph: [],
  io: [],
  settings: [],
  geometry: ['graph'],
  nn: ['graph', 'geometry'],
  losses: ['graph', 'geometry', 'nn'],
  backbones: ['graph', 'geometry', 'nn', 'io'],
  images: ['io'],
  datasets: ['io', 'images'],
  retrieval: ['graph', 'geometry'],
  hierarchy: ['geometry', 'retrieval'],
  umap: ['geometry', 'retrieval'],
  figures: ['geometry', 'retrieval', 'hierarchy', 'umap', 'images', 'io'],
  recipe: ['losses', 'backbones', 'images'],
  model: ['recipe', 'graph', 'nn', 'backbones', 'retrieval', 'datasets', 'images', 'io'],
  runs: ['model', 'recipe', 'datasets', 'images', 'retrieval', 'hierarchy', 'geometry', 'fleet', 'io'],
  'runs/evaluation': [
    'runs',
    'runs/tree',
    'model',
    'recipe',
    'retrieval',
    'hierarchy',
    'images',
    'io',
    'graph',
  ],
  'runs/tree': ['runs', 'runs/evaluation', 'model', 'recipe', 'retrieval', 'hierarchy', 'images', 'io'],
  'runs/report': ['runs/**', 'figures', 'model', 'recipe', 'hierarchy', 'geometry', 'io'],
  'runs/export': ['runs/**', 'model', 'recipe', 'graph', 'backbones', 'io'],
  training: [
    ...['runs', 'model', 'recipe', 'datasets', 'losses', 'backbones', 'images'],
    ...['graph', 'nn', 'geometry', 'retrieval', 'hierarchy', 'io'],
  ],
  experiments: [
    'training',
    'runs',
    'runs/evaluation',
    'model',
    'recipe',
    'datasets',
    'losses',
    'graph',
    'backbones',
  ],
  store: ['geometry', 'retrieval', 'images', 'io'],
  tables: [
    'runs',
    'runs/tree',
    'model',
    'store',
    'umap',
    'fleet',
    'retrieval',
    'hierarchy',
    'datasets',
    'io',
  ],
  fleet: ['io'],
  server: ['tables', 'store', 'model', 'retrieval', 'geometry', 'images', 'io'],
  cli: ['runs', 'cli/verbs'],
  'cli/verbs': [
    ...['cli', 'training', 'experiments', 'runs/**', 'tables', 'store', 'server', 'fleet', 'model', 'recipe'],
    ...['datasets', 'images', 'backbones', 'losses', 'retrieval', 'hierarchy', 'figures', 'graph', 'io'],
  ],
};
/** Rooms that have rooms of their own below them. */
const HOUSES = ['runs', 'cli'];
const SHARED = ['^src/(errors|random)\\.ts$', '^src/settings/'];

const own = (room) => (HOUSES.includes(room) ? `^src/${room}/[^/]+$` : `^src/${room}/`);
const place = (room) => (room.endsWith('/**') ? `^src/${room.slice(0, -3)}/` : own(room));
const ruleOf = ([room, allowed]) => ({
  name: `${room} imports only ${allowed.join(', ') || 'nothing of ours'}`,
  severity: 'error',
  from: { path: own(room) },
  to: { path: '^src/', pathNot: [own(room), ...allowed.map(place), ...SHARED] },
});

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
      name: 'the public interface is for users alone',
      severity: 'error',
      from: { path: '^src/', pathNot: '^src/index.ts$' },
      to: { path: '^src/index.ts$' },
    },
    {
      name: 'src imports nothing of ours from outside',
      severity: 'error',
      from: { path: '^src/' },
      to: { path: '^(test|bench|examples|scripts|web)/' },
    },
    {
      name: 'every folder of src has a rule here',
      severity: 'error',
      from: { path: '^src/', pathNot: [...Object.keys(ROOMS).map(own), '^src/[^/]+$'] },
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
    ...Object.entries(ROOMS).map(ruleOf),
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
