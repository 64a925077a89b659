// Which room may import which: the arrows of ARCHITECTURE.md, checked by `npm test`. Every room is listed, and none may
// import everything. Names are folders of src; those of the page begin with web. A name followed by `/**` stands for a
// room with all below it; without, for its own files alone.
const ROOMS = {
  graph: [],
  io: [],
  settings: [],
  disk: [],
  geometry: ['graph'],
  nn: ['graph', 'geometry'],
  losses: ['graph', 'geometry', 'nn'],
  backbones: ['graph', 'nn', 'backbones/onnx', 'backbones/hub'],
  'backbones/weights': ['backbones', 'backbones/hub', 'graph', 'nn', 'io'],
  'backbones/onnx': ['backbones', 'graph', 'nn', 'io'],
  'backbones/frozen': ['backbones/onnx', 'graph', 'nn'],
  'backbones/hub': ['backbones/onnx', 'backbones/weights', 'io'],
  'backbones/preparation': [],
  images: ['io'],
  datasets: ['io', 'images'],
  retrieval: ['graph', 'geometry'],
  whitening: ['graph'],
  hierarchy: ['geometry', 'retrieval'],
  umap: ['geometry', 'retrieval'],
  figures: ['retrieval', 'hierarchy', 'umap', 'images', 'io'],
  recipe: ['losses', 'backbones/**', 'graph', 'images', 'io'],
  model: ['recipe', 'graph', 'nn', 'backbones/**', 'retrieval', 'datasets', 'images', 'io'],
  runs: [
    'model',
    'recipe',
    'backbones/**',
    'datasets',
    'images',
    'retrieval',
    'whitening',
    'hierarchy',
    'geometry',
    'fleet',
    'io',
  ],
  'runs/evaluation': [
    ...['runs', 'runs/tree', 'model', 'recipe', 'retrieval', 'whitening', 'hierarchy', 'images', 'io'],
  ],
  'runs/tree': [
    ...[
      'runs',
      'runs/evaluation',
      'model',
      'recipe',
      'datasets',
      'retrieval',
      'whitening',
      'hierarchy',
      'images',
      'io',
    ],
  ],
  'runs/report': [
    ...['runs', 'runs/evaluation', 'runs/tree', 'figures', 'model', 'recipe', 'hierarchy', 'geometry', 'io'],
  ],
  'runs/export': ['runs', 'runs/evaluation', 'model', 'recipe', 'graph', 'backbones/**', 'io'],
  training: [
    ...['runs', 'model', 'recipe', 'datasets', 'losses', 'graph', 'nn', 'retrieval', 'whitening', 'fleet', 'io'],
  ],
  experiments: [
    'training',
    'runs',
    'runs/evaluation',
    'runs/tree',
    'model',
    'recipe',
    'datasets',
    'hierarchy',
    'losses',
    'graph',
    'backbones',
  ],
  store: ['retrieval', 'images', 'io'],
  items: ['store', 'datasets', 'images', 'io'],
  engines: ['store', 'retrieval', 'io'],
  tables: [
    ...[
      'runs',
      'runs/tree',
      'model',
      'engines',
      'store',
      'items',
      'umap',
      'fleet',
      'retrieval',
      'whitening',
      'hierarchy',
      'io',
    ],
  ],
  fleet: ['io'],
  server: [
    ...[
      'server/protocol',
      'server/items',
      'server/pictures',
      'server/access',
      'server/export',
      'server/mount',
    ],
    ...['tables', 'engines', 'store', 'model', 'retrieval', 'images', 'io'],
  ],
  'server/items': ['server/protocol', 'store', 'geometry'],
  'server/pictures': ['store', 'items', 'images'],
  'server/access': ['server'],
  'server/mount': ['server'],
  'server/export': [
    ...[
      'server',
      'server/protocol',
      'server/items',
      'server/pictures',
      'engines',
      'store',
      'retrieval',
      'io',
    ],
  ],
  'server/protocol': [],
  cli: ['cli/verbs', 'cli/text', 'model', 'runs'],
  'cli/text': ['experiments', 'runs', 'runs/evaluation', 'runs/tree', 'store', 'fleet', 'hierarchy', 'io'],
  'cli/verbs': [
    ...[
      'cli',
      'cli/text',
      'training',
      'experiments',
      'runs/**',
      'tables',
      'engines',
      'store',
      'items',
      'server',
      'server/access',
      'server/export',
      'fleet',
      'model',
      'recipe',
    ],
    ...['datasets', 'images', 'backbones/**', 'losses', 'retrieval', 'hierarchy', 'figures', 'graph', 'io'],
  ],
  web: ['web/data', 'web/page', 'web/parts'],
  'web/disk': [],
  'web/data': ['web/disk', 'server/protocol'],
  'web/map': ['web/disk', 'web/data'],
  'web/facets': ['web/data'],
  'web/parts': ['web/disk', 'web/data', 'web/facets'],
  'web/component': ['web/disk', 'web/data', 'web/map', 'web/parts'],
  'web/page': ['web/component', 'web/disk', 'web/data', 'web/map', 'web/facets', 'web/parts'],
};
/** Rooms that have rooms of their own below them. */
const HOUSES = ['backbones', 'runs', 'server', 'cli', 'web'];
const SHARED = [
  '^src/(errors|json|random|rows|shown|threads|titleColumn|turns)\\.ts$',
  '^src/(settings|disk)/',
];

const folder = (room) => (/^web(\/|$)/.test(room) ? room : `src/${room}`);
const own = (room) => (HOUSES.includes(room) ? `^${folder(room)}/[^/]+$` : `^${folder(room)}/`);
const place = (room) => (room.endsWith('/**') ? `^${folder(room).slice(0, -3)}/` : own(room));
const ruleOf = ([room, allowed]) => ({
  name: `${room} imports only ${allowed.join(', ') || 'nothing of ours'}`,
  severity: 'error',
  from: { path: own(room) },
  to: { path: '^(src|web)/', pathNot: [own(room), ...allowed.map(place), ...SHARED] },
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
      name: 'every folder of src and web has a rule here',
      severity: 'error',
      from: { path: '^(src|web)/', pathNot: [...Object.keys(ROOMS).map(own), '^src/[^/]+$'] },
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
      name: 'the file system is reached through the room disk alone, whose errors are for users',
      severity: 'error',
      from: { path: '^src/', pathNot: '^src/disk/' },
      to: { path: '^(node:)?fs(/promises)?$' },
    },
    {
      name: 'the page, and what it shares with the server, run in a browser',
      severity: 'error',
      from: { path: '^(web|src/server/protocol)/' },
      to: { dependencyTypes: ['core'] },
    },
    {
      name: 'the page is made of our own code: of libraries, and of schemas made with one, it takes types alone',
      severity: 'error',
      from: { path: '^web/' },
      to: { path: '(^|/)node_modules/|^src/server/protocol/schemas.ts$', dependencyTypesNot: ['type-only'] },
    },
    {
      name: 'threads import errors alone of ours',
      severity: 'error',
      from: { path: '^src/threads.ts$' },
      to: { path: '^src/', pathNot: '^src/errors.ts$' },
    },
    {
      name: 'errors, random numbers, rows, turns and what is shown import nothing of ours',
      severity: 'error',
      from: { path: '^src/(errors|json|random|rows|shown|turns).ts$' },
      to: { path: '^src/' },
    },
  ],
  options: {
    tsPreCompilationDeps: true,
    doNotFollow: { path: 'node_modules|^vendor' },
    exclude: { path: '^web/dist/' },
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: {
      extensions: ['.ts', '.js'],
      exportsFields: ['exports'],
      conditionNames: ['import', 'node', 'types', 'default'],
    },
  },
};
