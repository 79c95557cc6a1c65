// One bundle for each SDK: the oldest that npm has of each version of spacetime:sys, which names the bundle.
const bundle = (version, input, name = version) => ({
  input,
  platform: 'browser',
  external: [/^spacetime:sys@/],
  resolve: { alias: { spacetimedb: `sdk-${version}` } },
  output: { file: `dist/contract-${name}.js`, format: 'esm', sourcemap: name === '2-1' ? 'inline' : false },
});

export default [
  bundle('1-0', 'src/v1.ts'),
  bundle('1-2', 'src/v1-procedures.ts'),
  bundle('1-3', 'src/v1-procedures.ts'),
  bundle('2-0', 'src/core.ts'),
  bundle('2-1', 'src/index.ts'),
  bundle('2-1', 'src/submodules.ts', 'submodules'),
];
