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
module.exports = {
  forbidden: [
    {
      name: 'no cycles',
      severity: 'error',
      from: {},
      to: { circular: true, viaOnly: { dependencyTypesNot: ['type-only'] } },
    },
    {
      name: 'commands and pages are known by nobody',
      severity: 'error',
      from: { pathNot: '^src/(cli|server)/' },
      to: { path: '^src/(cli|server)/' },
    },
    only('graph', base),
    only('geometry', ['graph', ...base]),
    only('nn', ['graph', 'geometry', ...base]),
    only('io', base),
    only('losses', ['graph', 'geometry', 'nn', ...base]),
    only('backbones', ['graph', 'nn', 'geometry', 'io', ...base]),
    only('images', ['io', ...base]),
    only('datasets', ['io', 'images', ...base]),
    only('retrieval', ['graph', 'geometry', 'io', ...base]),
  ],
  options: {
    tsPreCompilationDeps: true,
    doNotFollow: { path: 'node_modules' },
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: { extensions: ['.ts', '.js'] },
  },
};
