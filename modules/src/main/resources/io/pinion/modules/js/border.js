// The JavaScript side of the border between host and guest, evaluated once per context before the guest.
//
// Bytes cross through one buffer that both sides see (`io`): the guest's bytes are copied into it before a host function
// is called, and what the host wrote is copied out of it afterwards, in bulk. So host functions take and return numbers
// and strings alone. What a host function returns below zero is a negated error number.
//
// The host's functions stay inside this closure: the guest reaches them only through the checks made here.
(function (host) {
  'use strict';

  const {
    BigInt, DataView, Error, Object, Promise, RangeError, Reflect, String, Symbol, TextEncoder, TypeError, Uint8Array,
  } = globalThis;
  const ArrayBuffer = globalThis.ArrayBuffer;
  const isView = ArrayBuffer.isView;
  const freeze = Object.freeze;
  const seal = Object.seal;
  const moduleHooks = Symbol('SpacetimeDB.moduleHooks.v2');

  const ARGUMENT_BYTES = 4096;
  const IO_KEPT_BYTES = 1 << 20;

  const {
    advance, advanceLength, clear, closeIterator, commitTransaction, deleteAllByEq, deletePoint, deleteRange, endTimer,
    errorText, identity, indexId, insert, jwtClaims, nextChunkLength, log, startTimer, abortTransaction, httpRequest,
    rowCount, scanPoint, scanRange, scanTable, scheduleImmediate, startTransaction, tableId, update, userError, ioBuffer,
    answered, commitRefusal, httpFailure, httpResponse, httpResponseBody, countedWebAssembly, memoryPagesMax,
    webAssemblyRefusal,
  } = host;

  // The shared buffer

  let io;
  let ioBytes;
  let ioLength = 0;

  function useIo(atLeast) {
    io = new ArrayBuffer(ioBuffer(atLeast));
    ioBytes = new Uint8Array(io);
    ioLength = ioBytes.length;
  }
  useIo(0);

  function ensureIo(length) {
    if (length > ioLength) useIo(length);
  }

  /** Copies the first bytes of a guest's ArrayBuffer to the host. */
  function send(buffer, length) {
    ensureIo(length);
    ioBytes.set(new Uint8Array(buffer, 0, length));
  }

  /** Copies a guest's bytes to the host; their number. */
  function sendBytes(bytes) {
    const length = bytes.length;
    ensureIo(length);
    ioBytes.set(bytes);
    return length;
  }

  /** Copies bytes of the host to the start of a guest's ArrayBuffer. */
  function receive(buffer, length) {
    new Uint8Array(buffer).set(new Uint8Array(io, 0, length));
  }

  function receiveBytes(length) {
    const bytes = new Uint8Array(length);
    bytes.set(new Uint8Array(io, 0, length));
    return bytes;
  }

  /** Copies two parts to the host, one behind the other. */
  function sendBoth(first, second) {
    ensureIo(first.length + second.length);
    ioBytes.set(first);
    ioBytes.set(second, first.length);
  }

  /** Bytes that the host made for this, copied. */
  function bytesOf(buffer) {
    return new Uint8Array(new Uint8Array(new ArrayBuffer(buffer)));
  }

  // Checks of arguments

  function kind(value) {
    return value === null ? 'null' : typeof value;
  }

  function u32(value) {
    if (value >>> 0 === value) return value;
    return checkInteger(value, 4294967295, 'u32');
  }

  function u16(value) {
    if ((value & 65535) === value) return value;
    return checkInteger(value, 65535, 'u16');
  }

  function checkInteger(value, max, name) {
    if (typeof value !== 'number') throw new TypeError(`Expected a number (${name}), got ${kind(value)}`);
    if (value % 1 !== 0) throw new TypeError(`Expected an integer (${name}), got ${value}`);
    if (value < 0 || value > max) throw new TypeError(`Value overflowed ${name}: ${value}`);
    return value + 0;
  }

  function bigint(value, bits) {
    if (typeof value !== 'bigint') throw new TypeError(`Expected a bigint (u${bits}), got ${kind(value)}`);
    if (BigInt.asUintN(bits, value) !== value) throw new TypeError(`Value overflowed u${bits}: ${value}`);
    return value;
  }

  function string(value) {
    if (typeof value !== 'string') throw new TypeError(`Expected a string, got ${kind(value)}`);
    return value;
  }

  function u8array(value) {
    if (!(value instanceof Uint8Array)) throw new TypeError(`Expected a Uint8Array, got ${kind(value)}`);
    return value;
  }

  function arrayBuffer(value, length) {
    if (!(value instanceof ArrayBuffer)) throw new TypeError(`Expected an ArrayBuffer, got ${kind(value)}`);
    if (length > value.byteLength) {
      throw new RangeError(`The length ${length} is beyond the buffer's ${value.byteLength} bytes`);
    }
    return value;
  }

  // Errors

  let hooks = null;
  let errorV2 = null;

  function fail(errno, text) {
    const message = text === undefined ? errorText(errno) : text;
    if (errorV2 === null) throw new Error(message);
    const Class = errorV2(errno);
    throw new Class(message);
  }

  function failV1(errno, text) {
    throw seal(text === undefined ? { __code_error__: errno } : { __code_error__: errno, __error_message__: text });
  }

  function checked(outcome) {
    return outcome < 0 ? fail(-outcome) : outcome;
  }

  function checkedV1(outcome) {
    return outcome < 0 ? failV1(-outcome) : outcome;
  }

  /** Where the guest called, with this function and its caller as the first frames; null if the guest replaced stacks. */
  function stackHere() {
    const { stack } = new Error();
    return typeof stack === 'string' ? stack : null;
  }

  /**
   * Taking a stack trace costs ten times what the rest of a refused call does, and of an error for the caller only the
   * message is ever shown. So these errors are constructed through here instead of through Error itself.
   */
  class ErrorWithoutStack extends Error {
    constructor(...given) {
      const limit = Error.stackTraceLimit;
      Error.stackTraceLimit = 0;
      try {
        super(...given);
      } finally {
        Error.stackTraceLimit = limit;
      }
    }
  }

  function withoutStacks(errorClass) {
    if (typeof errorClass === 'function' && Object.getPrototypeOf(errorClass) === Error) {
      Object.setPrototypeOf(errorClass, ErrorWithoutStack);
    }
  }

  // Functions that are the same in both major versions but for how they fail

  const CHUNK_ERROR = -2147483648;

  /** Bytes written to `io`, negated and less one when there is no more; else throws. */
  function advanceChunk(iter, capacity, orFail) {
    if (capacity > ioLength) {
      const next = nextChunkLength(iter);
      ensureIo(next < capacity ? next : capacity);
    }
    const outcome = advance(iter, capacity < ioLength ? capacity : ioLength);
    if (outcome <= CHUNK_ERROR + 64) {
      const errno = outcome - CHUNK_ERROR;
      if (errno === 11) throw { __buffer_too_small__: advanceLength() };
      orFail(errno);
    }
    return outcome;
  }

  function common(check, failWith) {
    return {
      table_id_from_name(name) {
        return check(tableId(string(name)));
      },
      index_id_from_name(name) {
        return check(indexId(string(name)));
      },
      datastore_table_row_count(table) {
        return BigInt(check(rowCount(u32(table))));
      },
      datastore_table_scan_bsatn(table) {
        return check(scanTable(u32(table)));
      },
      row_iter_bsatn_close(iter) {
        check(-closeIterator(u32(iter)));
      },
      volatile_nonatomic_schedule_immediate(name, args) {
        scheduleImmediate(string(name), sendBytes(u8array(args)));
      },
      console_log(level, message) {
        log(u32(level) & 255, string(message), stackHere());
      },
      console_timer_start(name) {
        return startTimer(string(name));
      },
      console_timer_end(timer) {
        check(-endTimer(u32(timer)));
      },
      get_jwt_payload(connection) {
        const claims = jwtClaims(bigint(connection, 128).toString(16));
        if (claims === null) failWith(2);
        return bytesOf(claims);
      },
    };
  }

  const HTTP_ERROR = 21;
  const COMMIT_REFUSED = -1;
  const utf8 = new TextEncoder();

  function procedures(check, failWith) {
    return {
      procedure_http_request(request, body) {
        const bodyBytes = typeof body === 'string' ? utf8.encode(body) : u8array(body);
        sendBoth(u8array(request), bodyBytes);
        const errno = httpRequest(request.length, bodyBytes.length);
        if (errno === 3) throw new TypeError('Expected the BSATN of an HTTP request');
        if (errno === HTTP_ERROR) failWith(errno, httpFailure());
        check(-errno);
        return [bytesOf(httpResponse()), bytesOf(httpResponseBody())];
      },
      procedure_start_mut_tx() {
        return BigInt(check(startTransaction()));
      },
      procedure_commit_mut_tx() {
        const errno = commitTransaction();
        if (errno === COMMIT_REFUSED) throw new TypeError(commitRefusal());
        check(-errno);
      },
      procedure_abort_mut_tx() {
        check(-abortTransaction());
      },
    };
  }

  const identityNow = () => BigInt('0x' + identity());

  // Version 2

  const v2 = {
    ...common(checked, fail),
    ...procedures(checked, fail),
    moduleHooks,
    identity() {
      return identityNow();
    },
    datastore_index_scan_range_bsatn(index, buffer, prefixLength, prefixElements, startLength, endLength) {
      const total = u32(prefixLength) + u32(startLength) + u32(endLength);
      send(arrayBuffer(buffer, total), total);
      return checked(scanRange(u32(index), prefixLength, u16(prefixElements), startLength, endLength));
    },
    datastore_delete_by_index_scan_range_bsatn(index, buffer, prefixLength, prefixElements, startLength, endLength) {
      const total = u32(prefixLength) + u32(startLength) + u32(endLength);
      send(arrayBuffer(buffer, total), total);
      if (prefixLength > 0 && u16(prefixElements) === 0) fail(3);
      return checked(deleteRange(u32(index), prefixLength, u16(prefixElements), startLength, endLength));
    },
    datastore_index_scan_point_bsatn(index, buffer, length) {
      send(arrayBuffer(buffer, u32(length)), length);
      return checked(scanPoint(u32(index), length));
    },
    datastore_delete_by_index_scan_point_bsatn(index, buffer, length) {
      send(arrayBuffer(buffer, u32(length)), length);
      return checked(deletePoint(u32(index), length));
    },
    row_iter_bsatn_advance(iter, buffer) {
      const capacity = arrayBuffer(buffer, 0).byteLength;
      const outcome = advanceChunk(u32(iter), capacity, fail);
      if (outcome > 0) {
        receive(buffer, outcome);
        return outcome;
      }
      if (outcome === -1) return 0;
      receive(buffer, -1 - outcome);
      return outcome + 1;
    },
    datastore_insert_bsatn(table, buffer, length) {
      send(arrayBuffer(buffer, u32(length)), length);
      const generated = insert(u32(table), length);
      if (generated === 0) return 0;
      receive(buffer, checked(generated));
      return generated;
    },
    datastore_update_bsatn(table, index, buffer, length) {
      send(arrayBuffer(buffer, u32(length)), length);
      const generated = update(u32(table), u32(index), length);
      if (generated === 0) return 0;
      receive(buffer, checked(generated));
      return generated;
    },
    datastore_delete_all_by_eq_bsatn(table, buffer, length) {
      send(arrayBuffer(buffer, u32(length)), length);
      return checked(deleteAllByEq(u32(table), length));
    },
    datastore_clear(table) {
      return BigInt(checked(clear(u32(table))));
    },
  };

  // Version 1

  function sendRange(prefix, start, end) {
    const total = u8array(prefix).length + u8array(start).length + u8array(end).length;
    ensureIo(total);
    ioBytes.set(prefix);
    ioBytes.set(start, prefix.length);
    ioBytes.set(end, prefix.length + start.length);
  }

  const hooksV1 = { __proto__: null };

  function registerHooks(given, names) {
    if (given === null || typeof given !== 'object') throw new TypeError(`Expected an object of hooks, got ${kind(given)}`);
    for (const name of names) {
      const hook = given[name];
      if (typeof hook !== 'function') throw new TypeError(`Expected the hook ${name} to be a function, got ${kind(hook)}`);
      if (hooksV1[name] !== undefined) throw new TypeError(`The hook ${name} is registered already`);
      hooksV1[name] = hook;
    }
  }

  const v1 = {
    ...common(checkedV1, failV1),
    ...procedures(checkedV1, failV1),
    identity() {
      return seal({ __identity__: identityNow() });
    },
    datastore_index_scan_range_bsatn(index, prefix, prefixElements, start, end) {
      sendRange(prefix, start, end);
      return checkedV1(scanRange(u32(index), prefix.length, u16(prefixElements), start.length, end.length));
    },
    datastore_delete_by_index_scan_range_bsatn(index, prefix, prefixElements, start, end) {
      sendRange(prefix, start, end);
      return checkedV1(deleteRange(u32(index), prefix.length, u16(prefixElements), start.length, end.length));
    },
    datastore_index_scan_point_bsatn(index, point) {
      return checkedV1(scanPoint(u32(index), sendBytes(u8array(point))));
    },
    datastore_delete_by_index_scan_point_bsatn(index, point) {
      return checkedV1(deletePoint(u32(index), sendBytes(u8array(point))));
    },
    row_iter_bsatn_advance(iter, maxLength) {
      const outcome = advanceChunk(u32(iter), u32(maxLength), failV1);
      const done = outcome < 0;
      return seal({ 0: done, 1: receiveBytes(done ? -1 - outcome : outcome) });
    },
    datastore_insert_bsatn(table, row) {
      return receiveBytes(checkedV1(insert(u32(table), sendBytes(u8array(row)))));
    },
    datastore_update_bsatn(table, index, row) {
      return receiveBytes(checkedV1(update(u32(table), u32(index), sendBytes(u8array(row)))));
    },
    datastore_delete_all_by_eq_bsatn(table, relation) {
      return checkedV1(deleteAllByEq(u32(table), sendBytes(u8array(relation))));
    },
  };

  // Which of these each minor version exports is in SysVersion.java.
  const sys = {
    '1.0': { ...v1, register_hooks: hooks => registerHooks(hooks, ['__describe_module__', '__call_reducer__']) },
    '1.1': { register_hooks: hooks => registerHooks(hooks, ['__call_view__', '__call_view_anon__']) },
    '1.2': { ...v1, register_hooks: hooks => registerHooks(hooks, ['__call_procedure__']) },
    '1.3': v1,
    '2.0': v2,
    '2.1': v2,
  };

  // The realm: bare ECMAScript with what the ABI adds and takes away

  function define(object, name, value) {
    if (name in object) return;
    Object.defineProperty(object, name, { value, writable: false, enumerable: false, configurable: false });
  }

  define(Symbol, 'dispose', Symbol('Symbol.dispose'));
  define(Symbol, 'asyncDispose', Symbol('Symbol.asyncDispose'));
  if (!('SuppressedError' in globalThis)) {
    class SuppressedError extends Error {
      constructor(error, suppressed, message) {
        super(message);
        Object.defineProperty(this, 'error', { value: error, writable: true, configurable: true });
        Object.defineProperty(this, 'suppressed', { value: suppressed, writable: true, configurable: true });
      }
    }
    Object.defineProperty(SuppressedError.prototype, 'name', { value: 'SuppressedError', writable: true, configurable: true });
    Object.defineProperty(globalThis, 'SuppressedError', { value: SuppressedError, writable: true, configurable: true });
  }
  // The engine would hand this hook the frames of the host's own scripts; assigning to it has no effect.
  Object.defineProperty(Error, 'prepareStackTrace', { get: () => undefined, set() {}, enumerable: false, configurable: false });
  // BigInts of astronomic size: an operation on one cannot be stopped, so what makes or prints them refuses. Firefox and
  // Safari have the same limit for all operations; operators are out of reach here.
  const BIGINT_BITS_MAX = 1048576;
  const BIGINT_MAX = 1n << 1048576n;

  function bigintTooLarge() {
    throw new RangeError('Maximum BigInt size exceeded');
  }

  /** Parsing takes time with the square of the length. */
  function checkDigits(text) {
    if (text.length <= 262144) return text;
    const trimmed = trim(text);
    const prefix = trimmed[0] === '0' ? trimmed[1] : '';
    const bits = prefix === 'x' || prefix === 'X' ? 4 : prefix === 'o' || prefix === 'O' ? 3 : prefix === 'b' || prefix === 'B' ? 1 : 3.33;
    return trimmed.length * bits > BIGINT_BITS_MAX ? bigintTooLarge() : trimmed;
  }

  const callOn = (() => {
    const { call } = Function.prototype;
    return method => call.bind(method);
  })();
  const trim = callOn(String.prototype.trim);

  /** ECMAScript's ToPrimitive with the hint "number". */
  function primitive(value) {
    if (value === null || (typeof value !== 'object' && typeof value !== 'function')) return value;
    const exotic = value[Symbol.toPrimitive];
    if (exotic !== undefined && exotic !== null) {
      const result = Reflect.apply(exotic, value, ['number']);
      if (result === null || (typeof result !== 'object' && typeof result !== 'function')) return result;
      throw new TypeError('Cannot convert object to primitive value');
    }
    for (const name of ['valueOf', 'toString']) {
      const method = value[name];
      if (typeof method === 'function') {
        const result = Reflect.apply(method, value, []);
        if (result === null || (typeof result !== 'object' && typeof result !== 'function')) return result;
      }
    }
    throw new TypeError('Cannot convert object to primitive value');
  }

  function redefine(object, name, value) {
    Object.defineProperty(object, name, { ...Object.getOwnPropertyDescriptor(object, name), value });
  }

  function limitBigInts() {
    const { prototype } = BigInt;
    const valueOf = callOn(prototype.valueOf);
    const toString = callOn(prototype.toString);
    const toLocaleString = callOn(prototype.toLocaleString);
    const { asIntN, asUintN } = BigInt;

    function printable(value) {
      return value > BIGINT_MAX || value < -BIGINT_MAX ? bigintTooLarge() : value;
    }

    // Methods of an object literal: like the built-in functions they cannot be constructed.
    const limited = {
      BigInt(value) {
        const given = primitive(value);
        return BigInt(typeof given === 'string' ? checkDigits(given) : given);
      },
      asIntN(bits, bigint) {
        return asIntN(+bits, typeof bigint === 'bigint' ? bigint : limited.toBigInt(bigint));
      },
      asUintN(bits, bigint) {
        const count = +bits;
        const value = typeof bigint === 'bigint' ? bigint : limited.toBigInt(bigint);
        return count > BIGINT_BITS_MAX && value < 0n ? bigintTooLarge() : asUintN(count, value);
      },
      /** ECMAScript's ToBigInt, which takes no numbers. */
      toBigInt(value) {
        const given = primitive(value);
        return asIntN(BIGINT_BITS_MAX * 4, typeof given === 'string' ? checkDigits(given) : given);
      },
      toString(radix) {
        return toString(printable(valueOf(this)), radix);
      },
      toLocaleString(locales, options) {
        return toLocaleString(printable(valueOf(this)), locales, options);
      },
    };
    for (const name of ['toString', 'toLocaleString']) {
      redefine(limited[name], 'length', 0);
      redefine(prototype, name, limited[name]);
    }
    Object.defineProperty(limited.BigInt, 'prototype', { value: prototype, writable: false, enumerable: false, configurable: false });
    for (const name of ['asIntN', 'asUintN']) {
      Object.defineProperty(limited.BigInt, name, { value: limited[name], writable: true, enumerable: false, configurable: true });
    }
    redefine(prototype, 'constructor', limited.BigInt);
    redefine(globalThis, 'BigInt', limited.BigInt);
  }
  limitBigInts();

  // Searches of one long text in another: the engine's take time with the product of both lengths and notice no stop. Larger
  // ones are made piece by piece, each with as few places to look at as that takes.
  const SEARCH_MAX = 2 ** 30;

  function divideSearches() {
    const { prototype } = String;
    const indexOf = callOn(prototype.indexOf);
    const lastIndexOf = callOn(prototype.lastIndexOf);
    const includes = callOn(prototype.includes);
    const split = callOn(prototype.split);
    const replace = callOn(prototype.replace);
    const replaceAll = callOn(prototype.replaceAll);
    const slice = callOn(prototype.slice);
    const { floor, max, min, trunc } = Math;

    function isSmall(text, search) {
      return typeof text === 'string' && typeof search === 'string' && text.length * search.length <= SEARCH_MAX;
    }

    function isObject(value) {
      return value !== null && (typeof value === 'object' || typeof value === 'function');
    }

    function textOf(value) {
      if (value === null || value === undefined) throw new TypeError(`Cannot search in ${value}`);
      return `${value}`;
    }

    function within(position, length) {
      return min(max(trunc(position) || 0, 0), length);
    }

    function find(text, search, from) {
      if (isSmall(text, search)) return indexOf(text, search, from);
      const last = text.length - search.length;
      const places = max(1, floor(SEARCH_MAX / search.length));
      for (let at = from; at <= last; at += places) {
        const found = indexOf(slice(text, at, min(at + places, last + 1) + search.length - 1), search);
        if (found >= 0) return at + found;
      }
      return -1;
    }

    function findLast(text, search, from) {
      if (isSmall(text, search)) return lastIndexOf(text, search, from);
      const places = max(1, floor(SEARCH_MAX / search.length));
      for (let end = min(from, text.length - search.length) + 1; end > 0; end -= places) {
        const at = max(0, end - places);
        const found = lastIndexOf(slice(text, at, end + search.length - 1), search);
        if (found >= 0) return at + found;
      }
      return -1;
    }

    /** ECMAScript's GetSubstitution for a match without groups. */
    function expanded(template, text, at, search) {
      let out = '';
      let from = 0;
      for (let dollar = indexOf(template, '$'); dollar >= 0; dollar = indexOf(template, '$', from)) {
        const sign = template[dollar + 1];
        out += slice(template, from, dollar);
        from = dollar + 2;
        if (sign === '$') out += '$';
        else if (sign === '&') out += search;
        else if (sign === '`') out += slice(text, 0, at);
        else if (sign === "'") out += slice(text, at + search.length);
        else {
          out += '$';
          from = dollar + 1;
        }
      }
      return out + slice(template, from);
    }

    /** As replace and replaceAll with a text to search for. */
    function replaced(text, search, replacement, isAll) {
      let out = '';
      let from = 0;
      for (let at = find(text, search, 0); at >= 0; at = isAll ? find(text, search, from) : -1) {
        const by = typeof replacement === 'function'
          ? `${Reflect.apply(replacement, undefined, [search, at, text])}`
          : expanded(replacement, text, at, search);
        out += slice(text, from, at) + by;
        from = at + search.length;
      }
      return out + slice(text, from);
    }

    // Methods of an object literal: like the built-in functions they cannot be constructed.
    const divided = {
      indexOf(search, position) {
        if (isSmall(this, search)) return indexOf(this, search, position);
        const text = textOf(this);
        const wanted = `${search}`;
        return find(text, wanted, within(position, text.length));
      },
      lastIndexOf(search, position) {
        if (isSmall(this, search)) return lastIndexOf(this, search, position);
        const text = textOf(this);
        const wanted = `${search}`;
        const from = +position;
        return findLast(text, wanted, from !== from ? text.length : within(from, text.length));
      },
      includes(search, position) {
        if (isSmall(this, search)) return includes(this, search, position);
        const text = textOf(this);
        if (isObject(search) && search[Symbol.match]) return includes(text, search);
        const wanted = `${search}`;
        return find(text, wanted, within(position, text.length)) >= 0;
      },
      split(separator, limit) {
        if (isSmall(this, separator) || separator === undefined || separator === null) return split(this, separator, limit);
        if (isObject(separator)) {
          const own = separator[Symbol.split];
          if (own !== undefined && own !== null) return Reflect.apply(own, separator, [this, limit]);
        }
        const text = textOf(this);
        const count = limit === undefined ? 4294967295 : limit >>> 0;
        const search = `${separator}`;
        if (isSmall(text, search)) return split(text, search, count);
        const parts = [];
        let from = 0;
        for (let at = find(text, search, 0); at >= 0 && parts.length < count; at = find(text, search, from)) {
          parts[parts.length] = slice(text, from, at);
          from = at + search.length;
        }
        if (parts.length < count) parts[parts.length] = slice(text, from);
        return parts;
      },
      replace(search, replacement) {
        if (isSmall(this, search)) return replace(this, search, replacement);
        if (isObject(search)) {
          const own = search[Symbol.replace];
          if (own !== undefined && own !== null) return Reflect.apply(own, search, [this, replacement]);
        }
        const text = textOf(this);
        const wanted = `${search}`;
        const by = typeof replacement === 'function' ? replacement : `${replacement}`;
        return isSmall(text, wanted) ? replace(text, wanted, by) : replaced(text, wanted, by, false);
      },
      replaceAll(search, replacement) {
        const hasOwn = isObject(search) && search[Symbol.replace] !== undefined && search[Symbol.replace] !== null;
        if (hasOwn || isSmall(this, search)) return replaceAll(this, search, replacement);
        const text = textOf(this);
        const wanted = `${search}`;
        const by = typeof replacement === 'function' ? replacement : `${replacement}`;
        return isSmall(text, wanted) ? replaceAll(text, wanted, by) : replaced(text, wanted, by, true);
      },
    };
    for (const name of ['indexOf', 'lastIndexOf', 'includes']) redefine(divided[name], 'length', 1);
    for (const name of Object.keys(divided)) redefine(prototype, name, divided[name]);
  }
  divideSearches();

  // WebAssembly: the host changes each binary so that its functions are counted as the guest's own are, see
  // CountedWebAssembly. The engine gets no others, whatever the guest does to the objects that are used here, and none that
  // is large, as it notices no stop while it reads one.
  const WEBASSEMBLY_BYTES_MAX = 2097152;

  function countWebAssembly() {
    const { CompileError, Memory, Module, compile, instantiate, validate } = WebAssembly;
    const { construct } = Reflect;
    const reject = Promise.reject.bind(Promise);
    const lengthOf = [ArrayBuffer, SharedArrayBuffer].map(
      type => callOn(Object.getOwnPropertyDescriptor(type.prototype, 'byteLength').get));
    const PAGES_MAX = memoryPagesMax();

    function isBuffer(value, type) {
      try {
        lengthOf[type](value);
        return true;
      } catch {
        return false;
      }
    }

    /** What is no buffer stays as it is: the engine knows how to refuse it. */
    function counted(source) {
      let bytes;
      if (isView(source)) bytes = new Uint8Array(source.buffer, source.byteOffset, source.byteLength);
      else if (isBuffer(source, 0) || isBuffer(source, 1)) bytes = new Uint8Array(source);
      else return source;
      if (bytes.length > WEBASSEMBLY_BYTES_MAX) {
        throw new CompileError(`the program has ${bytes.length} bytes, more than the ${WEBASSEMBLY_BYTES_MAX} allowed`);
      }
      const result = countedWebAssembly(sendBytes(bytes));
      if (result === null) throw new CompileError(webAssemblyRefusal());
      return bytesOf(result);
    }

    function orRejection(run) {
      try {
        return run();
      } catch (error) {
        return reject(error);
      }
    }

    function limited(descriptor) {
      if (descriptor === null || (typeof descriptor !== 'object' && typeof descriptor !== 'function')) return descriptor;
      const { initial, maximum, shared } = descriptor;
      if (maximum === undefined) return { initial, maximum: PAGES_MAX, shared };
      const pages = +maximum;
      return { initial, maximum: pages > PAGES_MAX && pages <= 65536 ? PAGES_MAX : pages, shared };
    }

    function constructed(target, Class, argument) {
      if (target === undefined) throw new TypeError(`${Class.name} is a constructor: call it with new`);
      return construct(Class, [argument()], target);
    }

    const classes = {
      Module: function (source) {
        return constructed(new.target, Module, () => counted(source));
      },
      Memory: function (descriptor) {
        return constructed(new.target, Memory, () => limited(descriptor));
      },
    };
    for (const [name, Class] of [['Module', Module], ['Memory', Memory]]) {
      for (const key of Reflect.ownKeys(Class)) {
        Object.defineProperty(classes[name], key, Object.getOwnPropertyDescriptor(Class, key));
      }
      redefine(Class.prototype, 'constructor', classes[name]);
      redefine(WebAssembly, name, classes[name]);
    }

    // Methods of an object literal: like the built-in functions they cannot be constructed.
    const functions = {
      compile(source) {
        return orRejection(() => compile(counted(source)));
      },
      instantiate(source, imports) {
        return orRejection(() => instantiate(counted(source), imports));
      },
      validate(source) {
        let bytes;
        try {
          bytes = counted(source);
        } catch {
          return false;
        }
        return validate(bytes);
      },
    };
    redefine(functions.instantiate, 'length', 1);
    for (const name of Object.keys(functions)) redefine(WebAssembly, name, functions[name]);
  }
  countWebAssembly();

  delete Math.random;
  Object.defineProperty(Math, 'random', {
    configurable: true,
    enumerable: false,
    get() {
      throw new TypeError('Math.random is not available in a module: use ctx.random');
    },
  });

  /** What a lowered block with `using` declarations keeps: see UsingLowering. */
  class Disposals {
    #resources = [];
    #failed = false;
    #error = undefined;

    /** Assigned to in every lowered declaration. */
    set sync(resource) {
      this.#add(resource, Symbol.dispose, 'Symbol.dispose');
    }

    set async(resource) {
      if (resource !== null && resource !== undefined && resource[Symbol.asyncDispose] !== undefined) {
        this.#add(resource, Symbol.asyncDispose, 'Symbol.asyncDispose');
      } else {
        this.#add(resource, Symbol.dispose, 'Symbol.dispose');
      }
    }

    #add(resource, symbol, name) {
      if (resource === null || resource === undefined) return;
      const dispose = resource[symbol];
      if (typeof dispose !== 'function') throw new TypeError(`the value of a using declaration has no [${name}]()`);
      this.#resources.push({ resource, dispose });
    }

    /** The block itself threw; it goes on throwing unless a disposal throws too. */
    fail(error) {
      this.#failed = true;
      this.#error = error;
      return error;
    }

    #failedToo(error) {
      this.fail(this.#failed ? new globalThis.SuppressedError(error, this.#error) : error);
    }

    dispose() {
      let threw = false;
      while (this.#resources.length > 0) {
        const { resource, dispose } = this.#resources.pop();
        try {
          dispose.call(resource);
        } catch (error) {
          threw = true;
          this.#failedToo(error);
        }
      }
      if (threw) throw this.#error;
    }

    async disposeAsync() {
      let threw = false;
      while (this.#resources.length > 0) {
        const { resource, dispose } = this.#resources.pop();
        try {
          await dispose.call(resource);
        } catch (error) {
          threw = true;
          this.#failedToo(error);
        }
      }
      if (threw) throw this.#error;
    }
  }
  define(globalThis, '__pinion_disposals', () => new Disposals());
  Object.defineProperty(globalThis, '__pinion_sys', { value: sys, configurable: true, enumerable: false });

  // Hooks and calls

  let isV1 = false;
  let senderErrorClass = null;
  let argumentBuffer = new ArrayBuffer(ARGUMENT_BYTES);
  let argumentBytes = new Uint8Array(argumentBuffer);

  const HOOKS_V2 = [
    '__describe_module__', '__get_error_constructor__', '__sender_error_class__', '__call_reducer__', '__call_view__',
    '__call_view_anon__', '__call_procedure__',
  ];

  function findHooks(namespace) {
    delete globalThis.__pinion_sys;
    if (hooksV1.__describe_module__ !== undefined && hooksV1.__call_reducer__ !== undefined) {
      isV1 = true;
      hooks = hooksV1;
      return;
    }
    const exported = namespace.default;
    if (exported === undefined || exported === null) {
      throw new TypeError('the module has no default export: it has to default-export its schema');
    }
    const hooksOf = exported[moduleHooks];
    if (typeof hooksOf !== 'function') {
      throw new TypeError('the default export is not a schema: it has no hooks of this host');
    }
    const found = hooksOf.call(exported, namespace);
    if (found === null || typeof found !== 'object') {
      throw new TypeError(`the schema's hooks have to be an object, not ${kind(found)}`);
    }
    for (const name of Object.keys(hooksV1)) {
      throw new TypeError(`the module mixes the hooks of two versions: ${name} was registered`);
    }
    for (const name of HOOKS_V2) {
      if (typeof found[name] !== 'function') {
        throw new TypeError(`the schema's hook ${name} has to be a function, not ${kind(found[name])}`);
      }
    }
    hooks = found;
    senderErrorClass = found.__sender_error_class__;
    withoutStacks(senderErrorClass);
    errorV2 = errno => {
      const Class = hooks.__get_error_constructor__(errno);
      if (typeof Class !== 'function') throw new TypeError(`the hook __get_error_constructor__ gave ${kind(Class)} for ${errno}`);
      return Class;
    };
  }

  function refuse(what, result) {
    if (result instanceof Promise || (result !== null && typeof result === 'object' && typeof result.then === 'function')) {
      throw new TypeError(`${what} returned a promise: a call ends when its function returns, so it cannot be async`);
    }
    throw new TypeError(`${what} returned ${kind(result)}, which is not what the ABI asks of it`);
  }

  function guarded(run) {
    try {
      return run();
    } catch (error) {
      if (senderErrorClass === null || !(error instanceof senderErrorClass)) throw error;
      userError(String(error.message));
      return 0;
    }
  }

  function callReducerV1(id, sender, connection, timestamp, length) {
    const result = hooks.__call_reducer__.call(undefined, id, sender, connection, BigInt(timestamp), receiveBytes(length));
    if (result !== null && typeof result === 'object') {
      if (result.tag === 'ok') return;
      if (result.tag === 'err') {
        userError(String(result.value));
        return;
      }
    }
    refuse('the reducer', result);
  }

  function callReducer(id, sender, connection, timestamp, length) {
    if (ioLength > IO_KEPT_BYTES && length <= IO_KEPT_BYTES) shrinkIo(length);
    if (isV1) return callReducerV1(id, sender, connection, timestamp, length);
    let view;
    if (length <= ARGUMENT_BYTES) {
      if (argumentBuffer.byteLength !== ARGUMENT_BYTES) {
        argumentBuffer = new ArrayBuffer(ARGUMENT_BYTES);
        argumentBytes = new Uint8Array(argumentBuffer);
      }
      if (length > 0) argumentBytes.set(new Uint8Array(io, 0, length));
      view = new DataView(argumentBuffer, 0, length);
    } else {
      view = new DataView(receiveBytes(length).buffer);
    }
    try {
      const result = hooks.__call_reducer__(id, sender, connection, BigInt(timestamp), view);
      if (result !== undefined) refuse('the reducer', result);
    } catch (error) {
      if (!(error instanceof senderErrorClass)) throw error;
      userError(String(error.message));
    }
  }

  function shrinkIo(length) {
    const kept = receiveBytes(length);
    useIo(0);
    sendBytes(kept);
  }

  /** The header form of a view's result, in `io`; its length. Below zero, less one: the old form without a header. */
  function viewResult(result) {
    if (isV1 && result instanceof Uint8Array) return -1 - sendBytes(result);
    if (result === null || typeof result !== 'object' || !(result.data instanceof Uint8Array)) refuse('the view', result);
    return sendBytes(result.data);
  }

  function callView(id, sender, length) {
    const args = receiveBytes(length);
    const hook = hooks.__call_view__;
    if (hook === undefined) throw new TypeError('the module registered no hook for views');
    return guarded(() => viewResult(isV1 ? hook.call(undefined, id, sender, args) : hooks.__call_view__(id, sender, args)));
  }

  function callViewAnonymous(id, length) {
    const args = receiveBytes(length);
    const hook = hooks.__call_view_anon__;
    if (hook === undefined) throw new TypeError('the module registered no hook for views');
    return guarded(() => viewResult(isV1 ? hook.call(undefined, id, args) : hooks.__call_view_anon__(id, args)));
  }

  function callProcedure(id, sender, connection, timestamp, length) {
    const args = receiveBytes(length);
    const hook = hooks.__call_procedure__;
    if (hook === undefined) throw new TypeError('the module registered no hook for procedures');
    const time = BigInt(timestamp);
    const result = isV1
      ? hook.call(undefined, id, sender, connection, time, args)
      : hooks.__call_procedure__(id, sender, connection, time, args);
    if (!(result instanceof Uint8Array)) refuse('the procedure', result);
    return sendBytes(result);
  }

  /** Leaves the response and then the body in `io`; the length of the first. */
  function callHttpHandler(id, timestamp, length, bodyLength) {
    const both = receiveBytes(length + bodyLength);
    if (isV1 || hooks.__call_http_handler__ === undefined) throw new TypeError('the module has no hook for HTTP handlers');
    const result = hooks.__call_http_handler__(id, BigInt(timestamp), both.slice(0, length), both.slice(length));
    if (!Array.isArray(result) || result.length !== 2) refuse('the HTTP handler', result);
    const [response, body] = result;
    if (!(response instanceof Uint8Array) || !(body instanceof Uint8Array)) refuse('the HTTP handler', result);
    sendBoth(response, body);
    answered(body.length);
    return response.length;
  }

  function describe() {
    const description = isV1 ? hooks.__describe_module__.call(undefined) : hooks.__describe_module__();
    if (!(description instanceof Uint8Array)) refuse('the hook __describe_module__', description);
    return sendBytes(description);
  }

  return freeze({
    findHooks,
    describe,
    callReducer,
    callView,
    callViewAnonymous,
    callProcedure,
    callHttpHandler,
    reserve: ensureIo,
    bigint: hex => BigInt('0x' + hex),
  });
});
