// Tries to reach what a module must not: Java, files, the network, threads, the process. Whatever does not throw and gives
// something counts as an escape.
import { module, reducer } from 'pinion:module@1';
import * as sys from 'spacetime:sys@2.0';

const path = '/etc/hostname';

/** `fibonacci(n)` */
const program = Uint8Array.from(
  ('0061736d0100000001060160017f017f03020100070d01096669626f6e6163636900000a1e011c002000410249047f200005200041016b10002000' +
    '41026b10006a0b0b').match(/../g),
  byte => parseInt(byte, 16),
);

const attempts = {
  java_type: () => Java.type('java.lang.System'),
  java_add_to_classpath: () => Java.addToClasspath(path),
  packages: () => Packages.java.lang.System,
  java_global: () => java.lang.Thread,
  java_importer: () => new JavaImporter('java.lang'),
  java_by_eval: () => eval('Java'),
  java_by_indirect_eval: () => (0, eval)('Java'),
  java_by_function: () => new Function('return Java')(),
  java_by_async_function: () => {
    const AsyncFunction = Object.getPrototypeOf(async () => {}).constructor;
    new AsyncFunction('return Java')().then(() => escaped.push('java_by_async_function'), () => {});
  },
  java_by_host_function: () => sys.identity.constructor('return Java')(),
  polyglot_eval: () => Polyglot.eval('js', '1'),
  polyglot_import: () => Polyglot.import('x'),
  graal: () => Graal.versionGraalVM,
  debug: () => Debug,
  the_border: () => globalThis.__pinion_sys,
  host_class_of_function: () => sys.identity.getClass ?? sys.identity.class,
  host_class_of_symbol: () => sys.moduleHooks.getClass,
  host_class_of_claims: () => sys.get_jwt_payload(1n).buffer.getClass,
  host_class_of_error: () => {
    try {
      sys.row_iter_bsatn_close(99);
    } catch (error) {
      return error.getClass ?? error.class ?? error.javaException ?? Object.getPrototypeOf(error.constructor).getClass;
    }
  },
  host_frames: () => {
    const frames = [];
    Error.prepareStackTrace = (_, given) => frames.push(...given);
    new Error('x').stack;
    return frames.find(frame => typeof frame.getFunction?.() === 'function' || frame.getThis?.());
  },
  host_function_caller: () => sys.console_timer_start.caller ?? sys.console_timer_start.arguments ?? undefined,
  host_function_constructed: () => new sys.identity(),
  // The engine's own constructor, which takes programs that the host has not changed.
  webassembly_of_a_module: () => {
    const { constructor } = Object.getPrototypeOf(new WebAssembly.Module(program));
    return constructor === WebAssembly.Module ? undefined : constructor;
  },
  webassembly_of_a_compiled_module: () => {
    WebAssembly.compile(program).then(compiled => {
      if (compiled.constructor !== WebAssembly.Module) escaped.push('webassembly_of_a_compiled_module');
    });
  },
  webassembly_of_a_replaced_function: () => {
    let given;
    const { apply } = Reflect;
    const places = [
      [Reflect, 'construct'], [Reflect, 'apply'], [Function.prototype, 'call'], [Function.prototype, 'apply'],
      [Uint8Array.prototype.__proto__, 'set'], [Array.prototype, Symbol.iterator],
    ];
    const originals = places.map(([object, name]) => object[name]);
    for (let i = 0; i < places.length; i++) {
      places[i][0][places[i][1]] = function (...all) {
        for (let j = 0; j < all.length; j++) {
          if (all[j] !== WebAssembly.Module && all[j]?.name === 'Module') given = all[j];
        }
        return apply(originals[i], this, all);
      };
    }
    try {
      new WebAssembly.Module(program);
    } finally {
      for (let i = 0; i < places.length; i++) places[i][0][places[i][1]] = originals[i];
    }
    return given;
  },
  webassembly_of_a_shared_buffer: () => {
    const shared = new SharedArrayBuffer(program.length);
    new Uint8Array(shared).set(program);
    Object.setPrototypeOf(shared, WebAssembly.Module.prototype);
    const sections = WebAssembly.Module.customSections(new WebAssembly.Module(shared), '.debug_info');
    return sections.length === 1 ? undefined : sections;
  },
  host_class_of_webassembly: () => {
    const { exports } = new WebAssembly.Instance(new WebAssembly.Module(program));
    return exports.fibonacci.getClass ?? new WebAssembly.Memory({ initial: 1 }).buffer.getClass ?? exports.getClass;
  },
  polyglot_of_webassembly: () => WebAssembly.Polyglot ?? WebAssembly.eval ?? WebAssembly.module_decode,
  load: () => load(path),
  load_with_new_global: () => loadWithNewGlobal(path),
  load_url: () => load('http://127.0.0.1/'),
  read: () => read(path),
  readbuffer: () => readbuffer(path),
  readline: () => readline(),
  print: () => print('x'),
  quit: () => quit(0),
  exit: () => exit(0),
  require: () => require('fs').readFileSync(path),
  process: () => process.env,
  deno: () => Deno.readTextFileSync(path),
  bun: () => Bun.file(path),
  import_scripts: () => importScripts(path),
  fetch: () => fetch('http://127.0.0.1/'),
  xml_http_request: () => new XMLHttpRequest(),
  web_socket: () => new WebSocket('ws://127.0.0.1/'),
  event_source: () => new EventSource('http://127.0.0.1/'),
  worker: () => new Worker('data:text/javascript,1'),
  shared_worker: () => new SharedWorker('data:text/javascript,1'),
  set_timeout: () => setTimeout(() => {}, 1),
  set_interval: () => setInterval(() => {}, 1),
  queue_microtask: () => queueMicrotask(() => {}),
  performance: () => performance.now(),
  math_random: () => Math.random(),
  wait_for_a_thread: () => Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0),
  realm: () => new Realm(),
  shadow_realm: () => new ShadowRealm().evaluate('Java'),
};

const imports = [path, `file://${path}`, 'fs', 'node:fs', 'http://127.0.0.1/x.js', 'data:text/javascript,export default 1',
  './contract.js', '../secrets', 'spacetime:sys@9.9', 'pinion:module@2', 'java:java.lang.System', './program.wasm', 'wasm:program'];

const escaped = [];

export default module({
  reducers: {
    attempt: reducer(ctx => {
      for (const [name, run] of Object.entries(attempts)) {
        try {
          const value = run();
          if (value !== undefined) escaped.push(`${name}: ${typeof value}`);
        } catch {
          // That is how it should be.
        }
      }
      for (const specifier of imports) {
        import(specifier).then(() => escaped.push(`import ${specifier}`), () => {});
      }
      ctx.log.info(`${Object.keys(attempts).length} attempts`);
    }),
    report: reducer(ctx => ctx.log.info(`escaped: ${escaped.join(', ') || 'none'}`)),
  },
});
