// Every way of not coming back that JavaScript offers. Reducers named endless_… never end by themselves, and log
// "running" first; those named ends_… are ended by the engine.
import { datastore_clear } from 'spacetime:sys@2.1';
import { anonymousView, module, reducer, t, table } from 'pinion:module@1';

const notes = table({ id: t.u64.primaryKey().autoIncrement(), text: t.string }, { public: true });
const texts = table({ id: t.u64.primaryKey(), text: t.string });

const endless = run =>
  reducer(ctx => {
    ctx.log.info('running');
    run(ctx);
  });

const forever = () => {
  for (;;);
};

function* ones() {
  for (;;) yield 1;
}

let kept = null;

const binary = hex => Uint8Array.from(hex.match(/../g), byte => parseInt(byte, 16));
const exportsOf = (hex, call = () => {}) =>
  new WebAssembly.Instance(new WebAssembly.Module(binary(hex)), { host: { call } }).exports;

/** Exports of a program with one page of memory, whose `callback` calls a function of ours. */
const webAssembly = call =>
  // loop, recurse: what they say; grow(pages): memory.grow; add(a, b); trap: unreachable; callback: host.call
  exportsOf(
    '0061736d01000000010f0360000060017f017f60027f7f017f020d0104686f73740463616c6c0000030706000001020000050301000107' +
      '3a07066d656d6f72790200046c6f6f700001077265637572736500020467726f7700030361646400040474726170000508' +
      '63616c6c6261636b00060a2606070003400c000b0b040010020b0600200040000b0700200020016a0b0300000b040010000b',
    call,
  );

// Functions that call themselves: `run` of a program without memory, over a table, with three values that go in and come
// out, and the start of a program; `depth(n)` n times, which gives n.
const RECURSION = '0061736d01000000010401600000030201000707010372756e00000a0601040010000b';
const RECURSION_OVER_A_TABLE =
  '0061736d0100000001040160000003020100040401700001070f020372756e0000057461626c6501000907010041000b01000a09010700410011' +
  '00000b';
const RECURSION_WITH_VALUES =
  '0061736d01000000010a0160037f7e7c037c7e7f030201000707010372756e00000a0c010a0020002001200210000b';
const RECURSION_AT_THE_START = '0061736d01000000010401600000030201000801000a0601040010000b';
const DEPTH =
  '0061736d0100000001060160017f017f0302010007090105646570746800000a17011500200045047f410005200041016b100041016a0b0b';
/** Its `run` calls what it imports. */
const RELAY = '0061736d01000000010401600000020d0104686f73740463616c6c0000030201000707010372756e00010a0601040010000b';

function deeper(ctx, depth) {
  ctx.db.notes.insert({ id: 0n, text: `at depth ${depth}` });
  return deeper(ctx, depth + 1) + 1;
}

/** Calls `again` from within an expression that is nested so deeply that one call takes a hundred times the usual stack. */
function deepExpression(again) {
  const depth = 400;
  return new Function('again', 'x', `return ${'x + ('.repeat(depth)}again()${')'.repeat(depth)};`).bind(null, again);
}

/** Functions small enough for the compiler to put them into each other, called until it has. */
function compiled(last) {
  const c = depth => (depth > 0 ? a(depth - 1) : last(depth)) + 1;
  const b = depth => c(depth) + 1;
  const a = depth => b(depth) + 1;
  for (let i = 0; i < 20_000; i++) kept = a(3);
  return a;
}

function deeperSafely(depth) {
  try {
    return deeperSafely(depth + 1) + 1;
  } catch {
    return 0;
  }
}

export default module({
  tables: { notes, texts },
  reducers: {
    write: reducer(ctx => {
      ctx.db.notes.insert({ id: 0n, text: 'kept' });
    }),
    quick: reducer(() => {}),
    many_short_calls: reducer(() => {
      function* numbers(count) {
        for (let i = 0; i < count; i++) yield i;
      }
      for (const number of numbers(10_000)) kept = number;
      for (const number of numbers(10_000)) {
        kept = number;
        if (number > 0) break;
      }
      (async () => {
        for (let i = 0; i < 10_000; i++) await null;
      })();
      for (let i = 0; i < 10_000; i++) {
        try {
          (() => {
            throw new Error('caught');
          })();
        } catch {
          // goes on
        }
      }
    }),
    many_calls_that_leave_compiled_code: reducer(() => {
      let value = 0;
      const a = compiled(() => value);
      const surprises = [1.5, 'text', 2n ** 70n, {}, undefined, Symbol.iterator];
      for (const surprise of surprises) {
        value = surprise;
        for (let i = 0; i < 2_000; i++) {
          try {
            kept = a(i % 5);
          } catch {
            // of a symbol or a BigInt
          }
        }
      }
      const down = depth => (depth === 0 ? 0 : down(depth - 1) + 1);
      kept = down(3_900);
    }),
    deep_but_not_too_deep: reducer(() => {
      const down = depth => (depth === 0 ? 0 : down(depth - 1) + 1);
      for (let i = 0; i < 10; i++) kept = down(3_900);
    }),
    deep_but_not_too_deep_in_webassembly: reducer(() => {
      const { depth } = exportsOf(DEPTH);
      for (let i = 0; i < 100; i++) {
        if (depth(3_900) !== 3_900) throw new Error('not so deep');
      }
    }),

    leaves_a_job_and_loops: reducer(ctx => {
      Promise.resolve().then(() => ctx.db.notes.insert({ id: 0n, text: 'left over' }));
      forever();
    }),
    leaves_a_job_that_loops: reducer(ctx => {
      Promise.resolve().then(forever);
      Promise.resolve().then(() => ctx.db.notes.insert({ id: 0n, text: 'left over' }));
    }),
    leaves_a_job_and_throws: reducer(ctx => {
      Promise.resolve().then(() => ctx.db.notes.insert({ id: 0n, text: 'left over' }));
      throw new Error('on purpose');
    }),
    leaves_a_job_and_traps: reducer(ctx => {
      Promise.resolve().then(() => ctx.db.notes.insert({ id: 0n, text: 'left over' }));
      datastore_clear(4_000_000_000);
    }),
    ends_recursion_in_webassembly: reducer(() => {
      webAssembly().recurse();
    }),
    ends_recursion_in_webassembly_without_memory: reducer(() => {
      exportsOf(RECURSION).run();
    }),
    ends_recursion_in_webassembly_over_a_table: reducer(() => {
      exportsOf(RECURSION_OVER_A_TABLE).run();
    }),
    ends_recursion_in_webassembly_with_values: reducer(() => {
      exportsOf(RECURSION_WITH_VALUES).run(1, 2n, 3.5);
    }),
    ends_recursion_at_the_start_of_webassembly: reducer(() => {
      exportsOf(RECURSION_AT_THE_START);
    }),
    ends_recursion_in_instantiated_webassembly: reducer(() => {
      WebAssembly.instantiate(binary(RECURSION)).then(({ instance }) => instance.exports.run());
    }),
    ends_recursion_in_webassembly_that_says_where_it_stands: reducer(() => {
      // An empty .debug_info, so that the engine believes to know the sources.
      exportsOf(`${RECURSION}000c0b2e64656275675f696e666f`).run();
    }),
    ends_calls_from_one_webassembly_to_the_next: reducer(() => {
      const program = new WebAssembly.Module(binary(RELAY));
      let call = () => {};
      for (let i = 0; i < 5_000; i++) call = new WebAssembly.Instance(program, { host: { call } }).exports.run;
      call();
    }),
    ends_recursion_in_webassembly_that_is_caught: reducer(() => {
      const { recurse } = webAssembly();
      for (;;) {
        try {
          recurse();
        } catch {
          // goes on
        }
      }
    }),
    ends_recursion_over_webassembly: reducer(() => {
      const instance = webAssembly(() => instance.callback());
      instance.callback();
    }),
    ends_recursion_over_webassembly_that_is_caught: reducer(() => {
      const instance = webAssembly(() => {
        try {
          instance.callback();
        } catch {
          instance.callback();
        } finally {
          instance.callback();
        }
      });
      for (;;) {
        try {
          instance.callback();
        } catch {
          // goes on
        }
      }
    }),
    ends_recursion_over_webassembly_that_promises_catch: reducer(() => {
      // No function of ours is called, so none of ours sees the error.
      const executor = [];
      const caught = Reflect.construct.bind(Reflect, Promise, executor, Promise);
      const instance = webAssembly(Array.prototype.forEach.bind([1, 2], caught));
      executor[0] = instance.callback;
      for (;;) instance.callback();
    }),
    webassembly_works: reducer(() => {
      const check = (what, holds) => {
        if (!holds) throw new Error(what);
      };
      let calls = 0;
      const instance = webAssembly(() => calls++);
      check('a sum', instance.add(2 ** 31 - 1, 1) === -(2 ** 31));
      check('no page more', instance.grow(1) === 1);
      check('memory', instance.memory.buffer.byteLength === 2 << 16 && instance.memory instanceof WebAssembly.Memory);
      new Uint8Array(instance.memory.buffer)[70_000] = 7;
      check('memory that stays', new Uint8Array(instance.memory.buffer)[70_000] === 7);
      instance.callback();
      check('a callback', calls === 1);
      try {
        instance.trap();
        check('no trap', false);
      } catch (error) {
        check('a trap', error instanceof WebAssembly.RuntimeError);
      }
      check('validate', !WebAssembly.validate(new Uint8Array([0, 1])));
      const thrown = webAssembly(() => {
        throw new RangeError('of the callback');
      });
      try {
        thrown.callback();
        check('not thrown', false);
      } catch (error) {
        check('an error through it', error instanceof RangeError && error.message === 'of the callback');
      }
    }),
    webassembly_keeps_its_ways: reducer(() => {
      const check = (what, holds) => {
        if (!holds) throw new Error(what);
      };
      const throws = (error, run) => {
        try {
          run();
        } catch (e) {
          return e instanceof error;
        }
        return false;
      };
      const rejects = (what, error, promise) =>
        promise.then(
          () => check(`${what} was kept`, false),
          e => check(what, e instanceof error),
        );
      const { CompileError, Instance, Memory, Module, Table, compile, instantiate, validate } = WebAssembly;
      const program = binary(DEPTH);
      const module = new Module(program);
      check('names', Module.name === 'Module' && Memory.name === 'Memory' && compile.name === 'compile');
      check('lengths', [Module, Memory, compile, instantiate, validate].every(f => f.length === 1));
      check('constructors', Module.prototype.constructor === Module && Memory.prototype.constructor === Memory);
      check('instances', module instanceof Module && new Memory({ initial: 1 }) instanceof Memory);
      check('subclasses', new (class extends Module {})(program) instanceof Module);
      check('new', throws(TypeError, () => Module(program)) && throws(TypeError, () => Memory({ initial: 1 })));
      check('no constructors', throws(TypeError, () => new compile(program)));
      check('exports', JSON.stringify(Module.exports(module)) === '[{"name":"depth","kind":"function"}]');
      check('imports', JSON.stringify(Module.imports(new Module(binary(RELAY)))) === '[{"module":"host","name":"call","kind":"function"}]');
      check('no buffer', throws(TypeError, () => new Module(5)) && throws(TypeError, () => validate({})));
      check('not a program', throws(CompileError, () => new Module(new Uint8Array(8))) && throws(CompileError, () => new Module(new ArrayBuffer(0))));
      for (let length = 0; length < program.length; length++) {
        if (length !== 8 && length !== 16) check(`cut at ${length}`, throws(CompileError, () => new Module(program.subarray(0, length))) && !validate(program.subarray(0, length)));
      }
      check('too large a program', throws(CompileError, () => new Module(new Uint8Array(9 << 20))) && !validate(new ArrayBuffer(9 << 20)));
      check('a valid one', validate(program) && validate(program.buffer) && validate(new DataView(program.buffer)));
      const shifted = new Uint8Array(program.length + 10);
      shifted.set(program, 7);
      check('a part of a buffer', new Instance(new Module(shifted.subarray(7, -3))).exports.depth(5) === 5);
      program.fill(0);
      check('a copy', new Instance(module).exports.depth(3) === 3);

      check('a large memory', throws(RangeError, () => new Memory({ initial: 65_536 })));
      check('a memory beyond all', throws(TypeError, () => new Memory({ initial: 2 ** 32 })) && throws(RangeError, () => new Memory({ initial: 1, maximum: 65_537 })));
      check('no sizes', throws(TypeError, () => new Memory()) && throws(TypeError, () => new Memory({})) && throws(TypeError, () => new Memory({ initial: 1, maximum: 'x' })));
      check('no smaller maximum', throws(RangeError, () => new Memory({ initial: 2, maximum: 1 })));
      check('no shared memory', throws(Error, () => new Memory({ initial: 1, maximum: 2, shared: true })) && !validate(binary('0061736d01000000050401030101')));
      const memory = new Memory({ initial: 1, maximum: 65_536 });
      check('growth', memory.grow(2) === 1 && memory.buffer.byteLength === 3 << 16);
      check('too much growth', throws(RangeError, () => memory.grow(65_000)) && memory.grow(0) === 3);
      check('too large a memory', throws(CompileError, () => new Module(binary('0061736d0100000005050100808004'))));
      check('growth of its own', exportsOf('0061736d010000000503010001070a01066d656d6f72790200').memory.grow(1) === 1);
      // v128.const and drop
      check('SIMD', validate(binary(`0061736d0100000001040160000003020100 0a17011500fd0c${'00'.repeat(16)}1a0b`.replace(' ', ''))));
      check('tables', new Table({ initial: 2, element: 'anyfunc' }).length === 2);

      rejects('not a program', CompileError, compile(new Uint8Array(8)));
      rejects('no buffer', TypeError, compile('text'));
      rejects('not a program to start', CompileError, instantiate(new Uint8Array(9)));
      rejects('no imports', TypeError, instantiate(binary(RELAY)));
      compile(binary(DEPTH)).then(compiled => check('compiled', compiled instanceof Module));
      instantiate(module).then(instance => check('an instance', instance.exports.depth(4) === 4));
      instantiate(binary(DEPTH)).then(both => check('both', both.module instanceof Module && both.instance instanceof Instance));
      check('no streams', WebAssembly.compileStreaming === undefined && WebAssembly.instantiateStreaming === undefined);
    }),
    hoards_in_webassembly: reducer(() => {
      const memories = [];
      for (;;) memories.push(new WebAssembly.Memory({ initial: 1024 }));
    }),
    hoards: reducer(() => {
      const buffers = [];
      for (;;) buffers.push(new ArrayBuffer(64 << 20));
    }),
    bigints_keep_their_ways: reducer(() => {
      const check = (what, holds) => {
        if (!holds) throw new Error(what);
      };
      const throws = (error, run) => {
        try {
          run();
        } catch (e) {
          return e instanceof error;
        }
        return false;
      };
      const descriptor = (object, name) => JSON.stringify(Object.getOwnPropertyDescriptor(object, name));
      check('name and length', BigInt.name === 'BigInt' && BigInt.length === 1);
      check('names of the prototype', BigInt.prototype.toString.name === 'toString' && BigInt.prototype.toString.length === 0);
      check('length of asUintN', BigInt.asUintN.length === 2 && BigInt.asIntN.name === 'asIntN');
      check('descriptor', descriptor(globalThis, 'BigInt') === '{"writable":true,"enumerable":false,"configurable":true}');
      check('descriptor of prototype', Object.getOwnPropertyDescriptor(BigInt, 'prototype').writable === false);
      check('constructor', BigInt.prototype.constructor === BigInt && (1n).constructor === BigInt);
      check('instanceof', Object(1n) instanceof BigInt && !(1n instanceof BigInt));
      check('new', throws(TypeError, () => new BigInt(1)));
      check('conversions', BigInt('0xff') === 255n && BigInt(' 12\n') === 12n && BigInt(true) === 1n && BigInt('') === 0n);
      check('objects', BigInt({ valueOf: () => '7' }) === 7n && BigInt([8]) === 8n && BigInt({ [Symbol.toPrimitive]: hint => hint.length }) === 6n);
      check('no integer', throws(RangeError, () => BigInt(1.5)) && throws(SyntaxError, () => BigInt('x')) && throws(TypeError, () => BigInt(undefined)));
      check('asUintN', BigInt.asUintN(64, -1n) === 18446744073709551615n && BigInt.asIntN(8, 255n) === -1n && BigInt.asUintN('8', '257') === 1n);
      check('asUintN of a number', throws(TypeError, () => BigInt.asUintN(8, 1)) && throws(RangeError, () => BigInt.asUintN(-1, 1n)));
      check('toString', (255n).toString(16) === 'ff' && Object(5n).toString() === '5' && throws(TypeError, () => BigInt.prototype.toString.call(5)));
      check('toLocaleString', (1234567n).toLocaleString('en') === '1,234,567');
      check('long but allowed', BigInt('9'.repeat(1000)).toString().length === 1000);
      for (const refused of [
        () => BigInt('9'.repeat(400_000)),
        () => BigInt(`0x${'f'.repeat(300_000)}`),
        () => BigInt({ toString: () => '9'.repeat(400_000) }),
        () => BigInt.asUintN(2 ** 30, -1n),
        () => BigInt.asIntN(64, '9'.repeat(400_000)),
        () => (1n << 2_000_000n).toString(),
        () => (-(1n << 2_000_000n)).toLocaleString(),
      ]) {
        check(`${refused}`, throws(RangeError, refused));
      }
    }),

    endless_loop: endless(forever),
    endless_loop_that_counts: endless(() => {
      let count = 0;
      for (;;) count = (count * 31 + 7) | 0;
    }),
    endless_catch: endless(() => {
      for (;;) {
        try {
          forever();
        } catch {
          // goes on
        }
      }
    }),
    endless_throw_and_catch: endless(() => {
      for (;;) {
        try {
          throw new Error('again');
        } catch {
          // goes on
        }
      }
    }),
    endless_finally_continue: endless(() => {
      for (;;) {
        try {
          forever();
        } finally {
          continue;
        }
      }
    }),
    endless_finally_loop: endless(() => {
      try {
        forever();
      } finally {
        forever();
      }
    }),
    endless_microtasks: endless(() => {
      const again = () => Promise.resolve().then(again);
      again();
    }),
    endless_microtasks_that_catch: endless(() => {
      const again = () => Promise.reject(new Error('again')).catch(again);
      again();
    }),
    endless_async_function: endless(() => {
      (async () => {
        for (;;) await null;
      })();
    }),
    endless_async_function_that_catches: endless(() => {
      (async () => {
        for (;;) {
          try {
            await null;
            forever();
          } catch {
            // goes on
          }
        }
      })();
    }),
    endless_async_generator: endless(() => {
      (async () => {
        async function* values() {
          for (;;) yield 1;
        }
        for await (const value of values()) kept = value;
      })();
    }),
    endless_thenable: endless(() => {
      const thenable = { then: resolve => resolve(thenable) };
      Promise.resolve(thenable);
    }),
    endless_generator: endless(() => {
      for (const one of ones()) kept = one;
    }),
    ends_spread_of_a_generator: endless(() => {
      kept = Math.max(...ones());
    }),
    endless_iterator: endless(() => {
      for (const value of { [Symbol.iterator]: () => ({ next: () => ({ done: false, value: 1 }) }) }) kept = value;
    }),
    endless_iterator_helper: endless(() => {
      ones().filter(one => one === 2).next();
    }),
    endless_getter: endless(() => {
      kept = {
        get value() {
          return forever();
        },
      }.value;
    }),
    endless_proxy: endless(() => {
      kept = new Proxy({}, { get: forever }).value;
    }),
    endless_proxy_has: endless(() => {
      kept = Array.prototype.indexOf.call(new Proxy({}, { get: () => 2 ** 40, has: () => false }), 1);
    }),
    endless_conversion: endless(() => {
      kept = `${{ toString: forever }}`;
    }),
    endless_valueof: endless(() => {
      kept = 1 + { valueOf: forever };
    }),
    endless_column: endless(ctx => {
      ctx.db.notes.insert({
        id: 0n,
        get text() {
          return forever();
        },
      });
    }),
    endless_regular_expression: endless(() => {
      kept = /^((a+)+)\1c$/.test(`${'a'.repeat(200)}b`);
    }),
    endless_regular_expressions: endless(() => {
      for (;;) kept = 'a'.repeat(10_000).replace(/(a*)*b/g, 'c');
    }),
    endless_search: endless(() => {
      for (;;) kept = 'a'.repeat(1 << 16).indexOf(`${'a'.repeat(1 << 15)}b`);
    }),
    endless_search_index_of: endless(() => {
      const huge = 'a'.repeat(1 << 23);
      const needle = `${'a'.repeat(1 << 22)}b`;
      for (;;) kept = huge.indexOf(needle);
    }),
    endless_search_last_index_of: endless(() => {
      const huge = 'a'.repeat(1 << 23);
      const needle = `b${'a'.repeat(1 << 22)}`;
      for (;;) kept = huge.lastIndexOf(needle);
    }),
    endless_search_includes: endless(() => {
      const huge = 'a'.repeat(1 << 23);
      const needle = `${'a'.repeat(1 << 22)}b`;
      for (;;) kept = huge.includes({ toString: () => needle });
    }),
    endless_search_split: endless(() => {
      const huge = 'a'.repeat(1 << 23);
      const needle = `${'a'.repeat(1 << 22)}b`;
      for (;;) kept = new String(huge).split(needle);
    }),
    endless_search_replace: endless(() => {
      const huge = 'a'.repeat(1 << 23);
      const needle = `${'a'.repeat(1 << 22)}b`;
      for (;;) kept = huge.replace(needle, '');
    }),
    endless_search_replace_all: endless(() => {
      const huge = 'a'.repeat(1 << 23);
      const needle = `${'a'.repeat(1 << 22)}b`;
      for (;;) kept = huge.replaceAll(needle, () => '');
    }),
    endless_json: endless(() => {
      const text = JSON.stringify(Array.from({ length: 1000 }, (_, i) => ({ i })));
      for (;;) kept = JSON.parse(text);
    }),
    endless_json_text: endless(() => {
      const rows = Array.from({ length: 1000 }, (_, i) => ({ i }));
      for (;;) kept = JSON.stringify(rows);
    }),
    endless_to_json: endless(() => {
      kept = JSON.stringify({ toJSON: forever });
    }),
    endless_sort: endless(() => {
      const values = Array.from({ length: 100_000 }, (_, i) => i);
      let sign = 1;
      for (;;) values.sort(() => (sign = -sign));
    }),
    endless_comparator: endless(() => {
      [2, 1].sort(forever);
    }),
    endless_fill: endless(() => {
      new Array(2 ** 32 - 1).fill(1);
    }),
    endless_array: endless(() => {
      Array.from({ length: 2 ** 32 - 1 }, () => null);
    }),
    endless_padding: endless(() => {
      for (;;) kept = 'x'.padEnd(1 << 20, 'ab');
    }),
    endless_text: endless(() => {
      for (;;) kept = 'x'.repeat(1 << 20).split('').join(',');
    }),
    endless_spread: endless(() => {
      for (;;) kept = Math.max(...new Array(10_000).fill(1));
    }),
    endless_typed_array: endless(() => {
      const bytes = new Uint8Array(1 << 20);
      for (;;) bytes.fill(1).reverse().sort();
    }),
    endless_sets: endless(() => {
      const some = new Set(Array(10_000).keys());
      for (;;) kept = some.union(some);
    }),
    endless_bigint: endless(() => {
      for (let value = 3n; ; ) value += value;
    }),
    endless_squares: endless(() => {
      for (;;) for (let value = 3n; value < 1n << 100_000n; ) value *= value;
    }),
    endless_eval: endless(() => {
      for (let i = 0; ; i++) kept = (0, eval)(`${i % 7}`);
    }),
    endless_inserts: endless(ctx => {
      for (;;) ctx.db.notes.insert({ id: 0n, text: 'never kept' });
    }),
    endless_refusals: endless(ctx => {
      for (;;) {
        try {
          ctx.db.texts.insert({ id: 1n, text: 'twice' });
        } catch {
          // goes on
        }
      }
    }),
    endless_updates: endless(ctx => {
      ctx.db.texts.insert({ id: 1n, text: '' });
      for (let i = 0; ; i++) ctx.db.texts.id.update({ id: 1n, text: `${i}` });
    }),
    endless_finds: endless(ctx => {
      for (;;) kept = ctx.db.texts.id.find(1n);
    }),
    endless_scans: endless(ctx => {
      for (;;) kept = ctx.db.notes.all().length;
    }),
    endless_webassembly: endless(() => {
      webAssembly().loop();
    }),
    endless_webassembly_calls: endless(() => {
      const { add } = webAssembly();
      for (let i = 0; ; i++) kept = add(i, 1);
    }),
    endless_webassembly_callback: endless(() => {
      webAssembly(forever).callback();
    }),
    endless_webassembly_traps: endless(() => {
      const { trap } = webAssembly();
      for (;;) {
        try {
          trap();
        } catch (error) {
          kept = error;
        }
      }
    }),
    endless_webassembly_growth: endless(() => {
      const { grow } = webAssembly();
      while (grow(16) < 2048);
      for (;;) kept = grow(0);
    }),
    endless_webassembly_instances: endless(() => {
      for (;;) kept = webAssembly();
    }),
    endless_webassembly_programs: endless(() => {
      // Each with a custom section of another name.
      for (let i = 0; ; i++) kept = exportsOf(`${DEPTH}000908${String(i).padStart(8, '0').replace(/./g, '3$&')}`).depth(3);
    }),
    endless_webassembly_promises: endless(() => {
      const again = () => WebAssembly.instantiate(binary(DEPTH)).then(again);
      again();
    }),
    endless_log: endless(ctx => {
      for (;;) ctx.log.debug('again');
    }),

    long_searches_that_find: reducer(() => {
      const needle = `${'ab'.repeat(1000)}c`;
      const gap = 'de'.repeat(190_000);
      const text = `${gap}${needle}${gap}${needle}${gap}`;
      const first = gap.length;
      const second = 2 * gap.length + needle.length;
      const after = text.length - gap.length;
      const expect = (what, actual, expected) => {
        if (actual !== expected) throw new Error(`${what}: ${actual} in place of ${expected}`);
      };
      if (text.length * needle.length <= 2 ** 31) throw new Error('too short to be divided');
      expect('indexOf', text.indexOf(needle), first);
      expect('indexOf at', text.indexOf(needle, first), first);
      expect('indexOf from', text.indexOf(needle, first + 1), second);
      expect('indexOf beyond', text.indexOf(needle, second + 1), -1);
      expect('indexOf of a negative', text.indexOf(needle, -Infinity), first);
      expect('indexOf of an object', new String(text).indexOf({ toString: () => needle }, { valueOf: () => first + 0.9 }), first);
      expect('lastIndexOf', text.lastIndexOf(needle), second);
      expect('lastIndexOf at', text.lastIndexOf(needle, second), second);
      expect('lastIndexOf from', text.lastIndexOf(needle, second - 1), first);
      expect('lastIndexOf before', text.lastIndexOf(needle, first - 1), -1);
      expect('lastIndexOf of NaN', text.lastIndexOf(needle, NaN), second);
      expect('includes', text.includes(needle, second), true);
      expect('includes not', text.includes(needle, second + 1), false);
      expect('includes longer', needle.includes(text), false);
      const parts = text.split(needle);
      expect('split', parts.length === 3 && parts.every(part => part === gap), true);
      expect('split at most', text.split(needle, 2).length, 2);
      expect('split none', text.split(needle, 0).length, 0);
      expect('split by an object', new String(text).split({ toString: () => needle }).length, 3);
      expect('split by its own', text.split({ [Symbol.split]: (whole, limit) => whole.length + limit }, 3), text.length + 3);
      expect('replace', text.replace(needle, '') === gap + gap + needle + gap, true);
      expect('replace by a function', text.replace(needle, (found, at, whole) => `${found === needle} ${at} ${whole === text}`).slice(first, first + 12 + `${first}`.length - 3).startsWith(`true ${first}`), true);
      expect('replace by a template', text.replace(needle, "<$$$&$`$'$1$<$") === `${gap}<$${needle}${gap}${text.slice(first + needle.length)}$1$<$${text.slice(first + needle.length)}`, true);
      expect('replaceAll', text.replaceAll(needle, '$&$&').length, text.length + 2 * needle.length);
      expect('replaceAll by a function', text.replaceAll(needle, (_, at) => at) === `${gap}${first}${gap}${second}${gap}`, true);
      expect('replace by its own', text.replace(/c/, '-').indexOf('-'), first + needle.length - 1);
      expect('after', text.indexOf(gap, after), after);
      for (const call of [() => text.includes(/a/), () => ''.indexOf.call(null, 'a'), () => text.indexOf(Symbol()), () => new text.split('a'), () => text.replaceAll(/a/, '')]) {
        let thrown;
        try {
          call();
        } catch (error) {
          thrown = error;
        }
        expect('refused', thrown instanceof TypeError, true);
      }
      expect('length', `${''.indexOf.length} ${''.lastIndexOf.length} ${''.includes.length} ${''.split.length} ${''.replace.length} ${''.replaceAll.length}`, '1 1 1 2 2 2');
      expect('name', ''.indexOf.name, 'indexOf');
      expect('enumerable', Object.keys(String.prototype).length, 0);
    }),
    ends_recursion: reducer(() => {
      const again = depth => again(depth + 1) + 1;
      again(0);
    }),
    ends_recursion_with_host_calls: reducer(ctx => {
      deeper(ctx, 0);
    }),
    ends_recursion_that_is_caught: reducer(() => {
      deeperSafely(0);
    }),
    ends_recursion_in_finally: reducer(() => {
      const again = () => {
        try {
          again();
        } finally {
          again();
        }
      };
      again();
    }),
    ends_recursion_in_catch: reducer(() => {
      const again = () => {
        try {
          again();
        } catch {
          again();
        }
      };
      again();
    }),
    ends_recursion_in_a_promise: reducer(() => {
      const again = async () => {
        try {
          await again();
        } finally {
          await again();
        }
      };
      again();
    }),
    ends_recursion_in_a_comparator: reducer(() => {
      const again = () => [2, 1].sort(again);
      again();
    }),
    ends_recursion_in_a_callback_that_catches: reducer(() => {
      const again = () => {
        try {
          [1].map(again);
        } catch {
          [1].forEach(again);
        }
      };
      again();
    }),
    ends_recursion_in_a_getter_that_catches: reducer(() => {
      const object = {
        get again() {
          try {
            return this.again;
          } finally {
            kept = this.again;
          }
        },
      };
      kept = object.again;
    }),
    ends_recursion_in_a_conversion_that_catches: reducer(() => {
      const object = {
        toString() {
          try {
            return `${object}`;
          } catch {
            return `${object}`;
          }
        },
      };
      kept = `${object}`;
    }),
    ends_recursion_in_a_proxy_that_catches: reducer(() => {
      const proxy = new Proxy(
        {},
        {
          get() {
            try {
              return proxy.again;
            } catch {
              return proxy.again;
            }
          },
        },
      );
      kept = proxy.again;
    }),
    ends_recursion_of_generators: reducer(() => {
      function* again() {
        try {
          yield* again();
        } finally {
          yield* again();
        }
      }
      for (const value of again()) kept = value;
    }),
    ends_recursion_of_loops_over_generators: reducer(() => {
      function* again() {
        try {
          for (const value of again()) yield value;
        } finally {
          for (const value of again()) yield value;
        }
      }
      for (const value of again()) kept = value;
    }),
    ends_recursion_of_async_generators: reducer(() => {
      async function* again() {
        try {
          for await (const value of again()) yield value;
        } catch {
          for await (const value of again()) yield value;
        }
      }
      (function start() {
        try {
          again().next();
          start();
        } finally {
          start();
        }
      })();
    }),
    ends_recursion_of_compiled_functions: reducer(() => {
      let ended = true;
      const a = compiled(() => {
        if (ended) return 0;
        try {
          return a(3);
        } finally {
          kept = a(3);
        }
      });
      ended = false;
      a(3);
    }),
    ends_recursion_of_functions_left_by_the_compiler: reducer(() => {
      let next = 0;
      const a = compiled(() => next);
      const again = () => {
        try {
          return `${a(2)}`;
        } catch {
          return again();
        } finally {
          kept = again();
        }
      };
      next = { valueOf: again };
      again();
    }),
    ends_recursion_of_deep_expressions: reducer(() => {
      const again = () => {
        try {
          deep();
        } finally {
          deep();
        }
      };
      const deep = deepExpression(again);
      again();
    }),
    ends_recursion_of_deep_expressions_that_are_caught: reducer(() => {
      const again = () => {
        try {
          deep();
        } catch {
          // goes on
        }
        try {
          deep();
        } catch {
          // goes on
        }
      };
      const deep = deepExpression(again);
      again();
    }),
    ends_recursion_of_deep_expressions_in_promises: reducer(() => {
      const again = async () => {
        deep();
        await null;
        deep();
      };
      const deep = deepExpression(() => {
        again().catch(deep);
        new Promise(deep).catch(deep);
        return 1;
      });
      again();
    }),
    ends_recursion_of_a_getter: reducer(() => {
      const object = {
        get again() {
          return this.again;
        },
      };
      kept = object.again;
    }),
    ends_recursion_of_a_proxy: reducer(() => {
      const proxy = new Proxy({}, {});
      Object.setPrototypeOf(proxy, new Proxy(proxy, {}));
      kept = proxy.missing;
    }),
    ends_nested_json: reducer(() => {
      JSON.parse('['.repeat(1_000_000) + ']'.repeat(1_000_000));
    }),
    ends_text_too_long: reducer(() => {
      for (let text = 'x'; ; ) text += text;
    }),
    ends_text_repeated_too_often: reducer(() => {
      'x'.repeat(2 ** 30);
    }),
    ends_typed_array_too_long: reducer(() => {
      new Float64Array(2 ** 31);
    }),
    ends_buffer_too_long: reducer(() => {
      new ArrayBuffer(2 ** 40);
    }),
    ends_spread_too_long: reducer(() => {
      Math.max(...new Array(100_000_000));
    }),
    ends_invalid_array_length: reducer(() => {
      new Array(-1);
    }),
    ends_bigint_too_large: reducer(() => {
      kept = 2n ** (2n ** 40n);
    }),
    ends_bigint_shifted_too_far: reducer(() => {
      kept = 1n << (2n ** 40n);
    }),
  },
  views: {
    endless_view: anonymousView(t.array(notes.row), ctx => {
      kept = ctx.db.notes.all().length;
      forever();
      return [];
    }),
  },
});
