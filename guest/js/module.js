// pinion:module@1: the guest library for JavaScript modules that is built into Pinion.
// SPDX-License-Identifier: Apache-2.0
//
// Read README.md beside this file first. What it promises there never changes within @1; @1 only ever adds.

import * as sys from 'spacetime:sys@2.0';
import * as sys21 from 'spacetime:sys@2.1';

const BUFFER_BYTES = 1 << 16;

// ---------------------------------------------------------------------------------------------------------------------
// Errors

const CALLER_ERROR = Symbol.for('pinion.CallerError');

/** Thrown to refuse a call: the caller sees the message, and nothing the call did remains. Known by its brand. */
export class CallerError extends Error {
  get [CALLER_ERROR]() {
    return true;
  }

  static [Symbol.hasInstance](value) {
    return typeof value === 'object' && value !== null && value[CALLER_ERROR] === true;
  }
}
Object.defineProperty(CallerError.prototype, 'name', { value: 'CallerError', configurable: true, writable: true });

/** What the host refused; `code` is its error number. */
export class HostError extends Error {
  get code() {
    return this.constructor.code;
  }
}

function hostError(code, name) {
  const Class = { [name]: class extends HostError {} }[name];
  Class.code = code;
  Object.defineProperty(Class.prototype, 'name', { value: name, configurable: true, writable: true });
  hostErrors[code] = Class;
  return Class;
}

const hostErrors = [];
export const NotInTransaction = hostError(2, 'NotInTransaction');
export const BsatnDecodeError = hostError(3, 'BsatnDecodeError');
export const NoSuchTable = hostError(4, 'NoSuchTable');
export const NoSuchIndex = hostError(5, 'NoSuchIndex');
export const NoSuchIterator = hostError(6, 'NoSuchIterator');
export const NoSuchTimer = hostError(7, 'NoSuchTimer');
export const WrongIndexAlgorithm = hostError(10, 'WrongIndexAlgorithm');
export const UniqueAlreadyExists = hostError(12, 'UniqueAlreadyExists');
export const ScheduleTooFarAhead = hostError(13, 'ScheduleTooFarAhead');
export const IndexNotUnique = hostError(14, 'IndexNotUnique');
export const NoSuchRow = hostError(15, 'NoSuchRow');
export const SequenceExhausted = hostError(16, 'SequenceExhausted');
export const WouldBlockTransaction = hostError(17, 'WouldBlockTransaction');
export const TransactionNotAnonymous = hostError(18, 'TransactionNotAnonymous');
export const HttpError = hostError(21, 'HttpError');

function show(value) {
  if (value === null) return 'null';
  switch (typeof value) {
    case 'string':
      return JSON.stringify(value.length > 40 ? value.slice(0, 40) + '…' : value);
    case 'bigint':
      return `${value}n`;
    case 'object':
      return `an object (${value.constructor === undefined ? 'without prototype' : value.constructor.name})`;
    case 'symbol':
    case 'function':
      return `a ${typeof value}`;
    default:
      return String(value);
  }
}

function wrongType(where, expected, value) {
  return new TypeError(`${where}: expected ${expected}, got ${show(value)}`);
}

// ---------------------------------------------------------------------------------------------------------------------
// Bytes

const encoder = new TextEncoder();
const decoder = new TextDecoder('utf-8', { fatal: true });

class Writer {
  constructor() {
    this.use(new ArrayBuffer(BUFFER_BYTES));
    this.at = 0;
  }

  use(buffer) {
    this.buffer = buffer;
    this.bytes = new Uint8Array(buffer);
    this.view = new DataView(buffer);
    this.capacity = buffer.byteLength;
  }

  /** Makes room for `count` more bytes; where they begin. */
  take(count) {
    const at = this.at;
    const end = at + count;
    if (end > this.capacity) this.grow(end);
    this.at = end;
    return at;
  }

  grow(needed) {
    const old = this.bytes;
    this.use(new ArrayBuffer(Math.max(needed, this.capacity * 2)));
    this.bytes.set(old.subarray(0, this.at));
  }

  u8(value) {
    this.view.setUint8(this.take(1), value);
  }

  u16(value) {
    this.view.setUint16(this.take(2), value, true);
  }

  u32(value) {
    this.view.setUint32(this.take(4), value, true);
  }

  big(value, size) {
    const at = this.take(size);
    for (let i = 0; i < size; i += 8) {
      this.view.setBigUint64(at + i, BigInt.asUintN(64, value), true);
      value >>= 64n;
    }
  }

  raw(bytes) {
    const at = this.take(bytes.length);
    this.bytes.set(bytes, at);
  }

  string(value) {
    const length = value.length;
    const at = this.take(4 + length);
    const bytes = this.bytes;
    for (let i = 0; i < length; i++) {
      const code = value.charCodeAt(i);
      if (code > 127) {
        this.at = at;
        this.longString(value);
        return;
      }
      bytes[at + 4 + i] = code;
    }
    this.view.setUint32(at, length, true);
  }

  longString(value) {
    const utf8 = encoder.encode(value);
    this.u32(utf8.length);
    this.raw(utf8);
  }

  copy() {
    return this.bytes.slice(0, this.at);
  }
}

class Reader {
  constructor() {
    this.at = 0;
    this.end = 0;
    this.bytes = new Uint8Array(0);
    this.view = new DataView(this.bytes.buffer);
  }

  /** Reads on from the start of a buffer. */
  use(buffer, length) {
    if (this.view.buffer !== buffer) {
      this.bytes = new Uint8Array(buffer);
      this.view = new DataView(buffer);
    }
    this.at = 0;
    this.end = length;
    return this;
  }

  /** Where the next `count` bytes begin. */
  take(count) {
    const at = this.at;
    const next = at + count;
    if (next > this.end) throw new RangeError(`expected ${count} bytes at ${at}, only ${this.end - at} are left`);
    this.at = next;
    return at;
  }

  u8() {
    return this.view.getUint8(this.take(1));
  }

  u32() {
    return this.view.getUint32(this.take(4), true);
  }

  big(size, signed) {
    const at = this.take(size);
    let value = signed ? this.view.getBigInt64(at + size - 8, true) : this.view.getBigUint64(at + size - 8, true);
    for (let i = size - 16; i >= 0; i -= 8) value = (value << 64n) | this.view.getBigUint64(at + i, true);
    return value;
  }

  string() {
    const length = this.u32();
    const at = this.take(length);
    return decoder.decode(this.bytes.subarray(at, at + length));
  }
}

// ---------------------------------------------------------------------------------------------------------------------
// Values that are classes

function hex(value, digits) {
  return value.toString(16).padStart(digits, '0');
}

function integerOf(value, bits, signed, name) {
  if (typeof value !== 'bigint') throw wrongType(name, 'a bigint', value);
  const kept = signed ? BigInt.asIntN(bits, value) : BigInt.asUintN(bits, value);
  if (kept !== value) throw new RangeError(`${name}: ${value} is out of range`);
  return value;
}

/** An unsigned 256-bit number that names a caller or a database. */
export class Identity {
  #value;

  constructor(value) {
    this.#value = integerOf(value, 256, false, 'Identity');
  }

  static parse(text) {
    const digits = String(text).replace(/^0x/, '');
    if (!/^[0-9a-fA-F]{64}$/.test(digits)) throw new RangeError(`Identity: expected 64 hex digits, got ${show(text)}`);
    return new Identity(BigInt('0x' + digits));
  }

  get value() {
    return this.#value;
  }

  equals(other) {
    return other instanceof Identity && other.#value === this.#value;
  }

  toString() {
    return hex(this.#value, 64);
  }
}

/** An unsigned 128-bit number that names one connection of a client. */
export class ConnectionId {
  #value;

  constructor(value) {
    this.#value = integerOf(value, 128, false, 'ConnectionId');
  }

  get value() {
    return this.#value;
  }

  equals(other) {
    return other instanceof ConnectionId && other.#value === this.#value;
  }

  toString() {
    return hex(this.#value, 32);
  }
}

/** A moment, in microseconds since the Unix epoch. */
export class Timestamp {
  #micros;

  constructor(micros) {
    this.#micros = integerOf(micros, 64, true, 'Timestamp');
  }

  static fromDate(date) {
    return new Timestamp(BigInt(date.getTime()) * 1000n);
  }

  get micros() {
    return this.#micros;
  }

  plus(duration) {
    return new Timestamp(this.#micros + duration.micros);
  }

  minus(other) {
    return other instanceof Timestamp
      ? new Duration(this.#micros - other.#micros)
      : new Timestamp(this.#micros - other.micros);
  }

  toDate() {
    return new Date(Number(this.#micros / 1000n));
  }

  equals(other) {
    return other instanceof Timestamp && other.#micros === this.#micros;
  }

  /** ISO 8601 with microseconds. */
  toString() {
    const below = ((this.#micros % 1000000n) + 1000000n) % 1000000n;
    const seconds = new Date(Number((this.#micros - below) / 1000n)).toISOString();
    return seconds.replace(/\.\d{3}Z$/, `.${String(below).padStart(6, '0')}Z`);
  }
}

/** A signed span of time in microseconds. */
export class Duration {
  #micros;

  constructor(micros) {
    this.#micros = integerOf(micros, 64, true, 'Duration');
  }

  get micros() {
    return this.#micros;
  }

  equals(other) {
    return other instanceof Duration && other.#micros === this.#micros;
  }

  toString() {
    return `${this.#micros} µs`;
  }
}

function spanOf(name, micros) {
  return count => {
    if (typeof count !== 'number' || !Number.isFinite(count)) throw wrongType(name, 'a finite number', count);
    return new Duration(BigInt(Math.round(count * micros)));
  };
}

export const milliseconds = spanOf('milliseconds', 1e3);
export const seconds = spanOf('seconds', 1e6);
export const minutes = spanOf('minutes', 60e6);
export const hours = spanOf('hours', 3600e6);

/** A 128-bit number in the usual textual order. */
export class Uuid {
  #value;

  constructor(value) {
    this.#value = integerOf(value, 128, false, 'Uuid');
  }

  static parse(text) {
    const digits = String(text).replaceAll('-', '');
    if (!/^[0-9a-fA-F]{32}$/.test(digits)) throw new RangeError(`Uuid: expected 32 hex digits, got ${show(text)}`);
    return new Uuid(BigInt('0x' + digits));
  }

  get value() {
    return this.#value;
  }

  equals(other) {
    return other instanceof Uuid && other.#value === this.#value;
  }

  toString() {
    return hex(this.#value, 32).replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-');
  }
}

/** For a ScheduleAt column: again and again, this far apart. */
export function every(duration) {
  if (!(duration instanceof Duration)) throw wrongType('every', 'a Duration', duration);
  return { tag: 'Interval', value: duration };
}

/** For a ScheduleAt column: once. */
export function at(timestamp) {
  if (!(timestamp instanceof Timestamp)) throw wrongType('at', 'a Timestamp', timestamp);
  return { tag: 'Time', value: timestamp };
}

// ---------------------------------------------------------------------------------------------------------------------
// Names and options

const NAME = /^[\p{XID_Start}_]\p{XID_Continue}*$/u;

function checkName(what, name) {
  if (typeof name !== 'string') throw wrongType(what, 'a name', name);
  if (/^\d+$/.test(name)) throw new TypeError(`${what} ${show(name)} looks like an integer, which JavaScript reorders`);
  if (!NAME.test(name) || name !== name.normalize('NFC') || name === '__proto__') {
    throw new TypeError(`${what} ${show(name)} is not a valid name`);
  }
  return name;
}

function checkRecord(what, value) {
  if (value === null || typeof value !== 'object' || Array.isArray(value)) throw wrongType(what, 'an object', value);
  return value;
}

function checkOptions(what, options, known) {
  if (options === undefined) return {};
  for (const key of Reflect.ownKeys(checkRecord(`${what}: options`, options))) {
    if (!known.includes(key)) {
      throw new TypeError(`${what}: unknown option ${show(key)}, known are ${known.join(', ') || 'none'}`);
    }
  }
  return options;
}

const AsyncFunction = async function () {}.constructor;
const GeneratorFunction = function* () {}.constructor;
const AsyncGeneratorFunction = async function* () {}.constructor;

function checkFunction(what, fn) {
  if (typeof fn !== 'function') throw wrongType(what, 'a function', fn);
  if (fn instanceof AsyncFunction || fn instanceof AsyncGeneratorFunction) {
    throw new TypeError(`${what} is async: a call ends when its function returns`);
  }
  if (fn instanceof GeneratorFunction) throw new TypeError(`${what} is a generator: a call has to return`);
  return fn;
}

// ---------------------------------------------------------------------------------------------------------------------
// Types. Each knows its description, and reads and writes values: read(reader), write(writer, value, where).

const TAGS = {
  sum: 1, product: 2, array: 3, string: 4, bool: 5, i8: 6, u8: 7, i16: 8, u16: 9, i32: 10, u32: 11, i64: 12, u64: 13,
  i128: 14, u128: 15, i256: 16, u256: 17, f32: 18, f64: 19,
};

class Type {
  constructor(name, describe, read, write) {
    this.name = name;
    this.describe = describe;
    this.read = read;
    this.write = write;
  }

  primaryKey() {
    return new Column(this, {}).primaryKey();
  }

  unique() {
    return new Column(this, {}).unique();
  }

  autoIncrement() {
    return new Column(this, {}).autoIncrement();
  }

  index(algorithm) {
    return new Column(this, {}).index(algorithm);
  }

  default(value) {
    return new Column(this, {}).default(value);
  }
}

/** A type and what a table makes of it. */
class Column {
  constructor(type, traits) {
    this.type = type;
    this.traits = traits;
    Object.freeze(this);
  }

  #with(trait, value) {
    if (trait in this.traits) throw new TypeError(`a column cannot be given ${trait} twice`);
    return new Column(this.type, { ...this.traits, [trait]: value });
  }

  primaryKey() {
    return this.#with('primaryKey', true);
  }

  unique() {
    return this.#with('unique', true);
  }

  autoIncrement() {
    if (!/^[iu](8|16|32|64|128|256)$/.test(this.type.name)) {
      throw new TypeError(`autoIncrement needs an integer type, not ${this.type.name}`);
    }
    return this.#with('autoIncrement', true);
  }

  index(algorithm = 'btree') {
    return this.#with('index', checkAlgorithm(algorithm));
  }

  default(value) {
    return this.#with('default', { value });
  }
}

const ALGORITHMS = ['btree', 'hash', 'direct'];

function checkAlgorithm(algorithm) {
  if (!ALGORITHMS.includes(algorithm)) throw wrongType('index', ALGORITHMS.join(', '), algorithm);
  return algorithm;
}

function simple(name, read, write) {
  return new Type(name, out => out.u8(TAGS[name]), read, write);
}

function smallInteger(name, size, min, max, get, set) {
  return simple(
    name,
    reader => reader.view[get](reader.take(size), true),
    (writer, value, where) => {
      if (typeof value !== 'number' || !Number.isInteger(value)) throw wrongType(where, `an integer number (${name})`, value);
      if (value < min || value > max) throw new RangeError(`${where}: ${value} is out of the range of ${name}`);
      writer.view[set](writer.take(size), value, true);
    },
  );
}

function checkBig(value, kept, name, where) {
  if (typeof value !== 'bigint') throw wrongType(where, `a bigint (${name})`, value);
  if (kept !== value) throw new RangeError(`${where}: ${value} is out of the range of ${name}`);
}

function bigInteger(name, bits, signed) {
  const size = bits / 8;
  return simple(
    name,
    reader => reader.big(size, signed),
    (writer, value, where) => {
      if (typeof value !== 'bigint') throw wrongType(where, `a bigint (${name})`, value);
      checkBig(value, signed ? BigInt.asIntN(bits, value) : BigInt.asUintN(bits, value), name, where);
      writer.big(value, size);
    },
  );
}

const I64_MIN = -(1n << 63n);
const I64_MAX = (1n << 63n) - 1n;
const U64_MAX = (1n << 64n) - 1n;

const i64 = simple(
  'i64',
  reader => reader.view.getBigInt64(reader.take(8), true),
  (writer, value, where) => {
    if (typeof value !== 'bigint') throw wrongType(where, 'a bigint (i64)', value);
    if (value < I64_MIN || value > I64_MAX) throw new RangeError(`${where}: ${value} is out of the range of i64`);
    writer.view.setBigInt64(writer.take(8), value, true);
  },
);

const u64 = simple(
  'u64',
  reader => reader.view.getBigUint64(reader.take(8), true),
  (writer, value, where) => {
    if (typeof value !== 'bigint') throw wrongType(where, 'a bigint (u64)', value);
    if (value < 0n || value > U64_MAX) throw new RangeError(`${where}: ${value} is out of the range of u64`);
    writer.view.setBigUint64(writer.take(8), value, true);
  },
);

function float(name, size, get, set) {
  return simple(
    name,
    reader => reader.view[get](reader.take(size), true),
    (writer, value, where) => {
      if (typeof value !== 'number') throw wrongType(where, `a number (${name})`, value);
      writer.view[set](writer.take(size), value, true);
    },
  );
}

const bool = simple(
  'bool',
  reader => {
    const byte = reader.u8();
    if (byte > 1) throw new RangeError(`byte ${byte} is not a bool`);
    return byte === 1;
  },
  (writer, value, where) => {
    if (typeof value !== 'boolean') throw wrongType(where, 'a boolean', value);
    writer.u8(value ? 1 : 0);
  },
);

const string = simple(
  'string',
  reader => reader.string(),
  (writer, value, where) => {
    if (typeof value !== 'string') throw wrongType(where, 'a string', value);
    if (!value.isWellFormed()) throw new RangeError(`${where}: the string has a lone surrogate`);
    writer.string(value);
  },
);

const bytes = new Type(
  'bytes',
  out => {
    out.u8(TAGS.array);
    out.u8(TAGS.u8);
  },
  reader => {
    const length = reader.u32();
    const from = reader.take(length);
    return reader.bytes.slice(from, from + length);
  },
  (writer, value, where) => {
    if (!(value instanceof Uint8Array)) throw wrongType(where, 'a Uint8Array', value);
    writer.u32(value.length);
    writer.raw(value);
  },
);

const unit = new Type(
  'unit',
  out => {
    out.u8(TAGS.product);
    out.u32(0);
  },
  () => null,
  (_, value, where) => {
    if (value !== undefined && value !== null) throw wrongType(where, 'nothing (unit)', value);
  },
);

function describeElement(out, name, type) {
  out.u8(0);
  out.string(name);
  type.describe(out);
}

/** A class around one integer: a product of one field with a name that marks it. */
function special(name, field, integer, Class, get) {
  return new Type(
    name,
    out => {
      out.u8(TAGS.product);
      out.u32(1);
      describeElement(out, field, integer);
    },
    reader => new Class(integer.read(reader)),
    (writer, value, where) => {
      if (!(value instanceof Class)) throw wrongType(where, `an object of class ${Class.name}`, value);
      integer.write(writer, get(value), where);
    },
  );
}

const u128 = bigInteger('u128', 128, false);
const u256 = bigInteger('u256', 256, false);
const identityType = special('identity', '__identity__', u256, Identity, v => v.value);
const connectionIdType = special('connectionId', '__connection_id__', u128, ConnectionId, v => v.value);
const uuidType = special('uuid', '__uuid__', u128, Uuid, v => v.value);
const timestampType = special('timestamp', '__timestamp_micros_since_unix_epoch__', i64, Timestamp, v => v.micros);
const durationType = special('duration', '__time_duration_micros__', i64, Duration, v => v.micros);

function checkType(where, type) {
  if (type instanceof Column) throw new TypeError(`${where}: ${type.type.name} is a column here, a plain type is needed`);
  if (!(type instanceof Type)) throw wrongType(where, 'a type (t.…)', type);
  return type;
}

function describeSum(out, variants) {
  out.u8(TAGS.sum);
  out.u32(variants.length);
  for (const [name, type] of variants) describeElement(out, name, type);
}

function sumCodec(name, variants) {
  const byTag = new Map(variants.map(([tag, type], index) => [tag, { index, type }]));
  return {
    read(reader) {
      const index = reader.u8();
      if (index >= variants.length) throw new RangeError(`${name} has no variant number ${index}`);
      const [tag, type] = variants[index];
      return type === unit ? { tag } : { tag, value: type.read(reader) };
    },
    write(writer, value, where) {
      if (value === null || typeof value !== 'object') throw wrongType(where, `{ tag, value } (${name})`, value);
      const variant = byTag.get(value.tag);
      if (variant === undefined) throw new RangeError(`${where}: ${name} has no variant ${show(value.tag)}`);
      writer.u8(variant.index);
      variant.type.write(writer, value.value, `${where}.${value.tag}`);
    },
  };
}

function inlineSum(name, variants) {
  const codec = sumCodec(name, variants);
  return new Type(name, out => describeSum(out, variants), codec.read, codec.write);
}

const scheduleAt = inlineSum('scheduleAt', [['Interval', durationType], ['Time', timestampType]]);

function option(inner) {
  checkType('t.option', inner);
  return new Type(
    'option',
    out => describeSum(out, [['some', inner], ['none', unit]]),
    reader => {
      const tag = reader.u8();
      if (tag > 1) throw new RangeError(`an option has no variant number ${tag}`);
      return tag === 0 ? inner.read(reader) : null;
    },
    (writer, value, where) => {
      const absent = value === null || value === undefined;
      writer.u8(absent ? 1 : 0);
      if (!absent) inner.write(writer, value, where);
    },
  );
}

function result(ok, err) {
  return inlineSum('result', [['ok', checkType('t.result', ok)], ['err', checkType('t.result', err)]]);
}

function array(element) {
  checkType('t.array', element);
  if (element === u8) {
    return bytes;
  }
  const type = new Type(
    'array',
    out => {
      out.u8(TAGS.array);
      element.describe(out);
    },
    reader => {
      const length = reader.u32();
      const values = [];
      for (let i = 0; i < length; i++) values.push(element.read(reader));
      return values;
    },
    (writer, value, where) => {
      if (!Array.isArray(value)) throw wrongType(where, 'an array', value);
      writer.u32(value.length);
      for (let i = 0; i < value.length; i++) element.write(writer, value[i], `${where}[${i}]`);
    },
  );
  type.element = element;
  return type;
}

/** Whether a plain object has these fields in this order and no others, as one that was read or copied has. */
function hasJust(value, names) {
  if (Object.getPrototypeOf(value) !== Object.prototype) return false;
  const keys = Object.keys(value);
  const count = names.length;
  if (keys.length !== count) return false;
  for (let i = 0; i < count; i++) {
    if (keys[i] !== names[i]) return false;
  }
  return true;
}

/**
 * Functions that read, copy and write a record, written out field by field so that the engine compiles them for it alone;
 * in a spread it looks up each field by its name.
 */
function recordCodec(name, fields) {
  const names = fields.map(([field]) => field);
  const types = fields.map(([, type]) => type);
  const parameters = types.map((_, i) => `T${i}`);
  const reads = names.map((field, i) => `${JSON.stringify(field)}: T${i}.read(reader)`);
  const copies = names.map(field => `${JSON.stringify(field)}: value[${JSON.stringify(field)}]`);
  const writes = names.map(
    (field, i) => `T${i}.write(writer, value[${JSON.stringify(field)}], ${JSON.stringify(`${name}.${field}`)});`,
  );
  const make = new Function(
    ...parameters,
    'checkFields',
    `'use strict'; return {
      read(reader) { return { ${reads.join(', ')} }; },
      copy(value) { return { ${copies.join(', ')} }; },
      write(writer, value, where) { checkFields(value, where); ${writes.join(' ')} },
    };`,
  );
  const known = new Set(names);
  const checkFields = (value, where) => {
    if (value === null || typeof value !== 'object') throw wrongType(where ?? name, `an object (${name})`, value);
    if (hasJust(value, names)) return;
    let count = 0;
    for (const key in value) {
      if (!known.has(key)) throw new TypeError(`${name} has no ${show(key)}, only ${names.join(', ')}`);
      count++;
    }
    if (count < names.length) {
      for (const key of names) {
        if (!(key in value)) throw new TypeError(`${name}.${key} is missing`);
      }
    }
  };
  return make(...types, checkFields);
}

/** A type with a name of its own: it stands once in the module's description and is referred to by number. */
class NamedType extends Type {
  constructor(name, describeDefinition, codec) {
    super(name, out => out.reference(this), codec.read, codec.write);
    this.describeDefinition = describeDefinition;
  }
}

function describeProduct(out, fields) {
  out.u8(TAGS.product);
  describeFields(out, fields);
}

function describeFields(out, fields) {
  out.u32(fields.length);
  for (const [name, type] of fields) describeElement(out, name, type);
}

function fieldsOf(what, record, noun) {
  return Object.entries(checkRecord(what, record)).map(([name, type]) => [
    checkName(`${what}: ${noun}`, name),
    checkType(`${what}.${name}`, type),
  ]);
}

function object(name, record) {
  const fields = fieldsOf(`object ${checkName('type', name)}`, record, 'field');
  return new NamedType(name, out => describeProduct(out, fields), recordCodec(name, fields));
}

function sum(name, record) {
  const variants = fieldsOf(`sum ${checkName('type', name)}`, record, 'variant');
  if (variants.length === 0 || variants.length > 256) throw new RangeError(`sum ${name}: 1 to 256 variants are needed`);
  return new NamedType(name, out => describeSum(out, variants), sumCodec(name, variants));
}

function enumeration(name, tags) {
  if (!Array.isArray(tags)) throw wrongType(`enum ${name}`, 'an array of names', tags);
  if (new Set(tags).size !== tags.length) throw new TypeError(`enum ${name} names a variant twice`);
  return sum(name, Object.fromEntries(tags.map(tag => [tag, unit])));
}

const u8 = smallInteger('u8', 1, 0, 255, 'getUint8', 'setUint8');

/** The types of columns and parameters. */
export const t = Object.freeze({
  bool,
  i8: smallInteger('i8', 1, -128, 127, 'getInt8', 'setInt8'),
  u8,
  i16: smallInteger('i16', 2, -32768, 32767, 'getInt16', 'setInt16'),
  u16: smallInteger('u16', 2, 0, 65535, 'getUint16', 'setUint16'),
  i32: smallInteger('i32', 4, -2147483648, 2147483647, 'getInt32', 'setInt32'),
  u32: smallInteger('u32', 4, 0, 4294967295, 'getUint32', 'setUint32'),
  i64,
  u64,
  i128: bigInteger('i128', 128, true),
  u128,
  i256: bigInteger('i256', 256, true),
  u256,
  f32: float('f32', 4, 'getFloat32', 'setFloat32'),
  f64: float('f64', 8, 'getFloat64', 'setFloat64'),
  string,
  bytes,
  unit,
  identity: identityType,
  connectionId: connectionIdType,
  timestamp: timestampType,
  duration: durationType,
  uuid: uuidType,
  scheduleAt,
  option,
  result,
  array,
  object,
  sum,
  enum: enumeration,
});

// ---------------------------------------------------------------------------------------------------------------------
// Declarations

/** A table: named by `module`, which makes its accessors. */
class Table {
  constructor(columns, options) {
    this.columns = columns;
    this.options = options;
    this.name = null;
    const fields = columns.map(([name, column]) => [name, column.type]);
    this.row = new NamedType(null, out => describeProduct(out, fields), {
      read: reader => this.codec.read(reader),
      write: (writer, value, where) => this.codec.write(writer, value, where),
    });
    this.row.table = this;
    this.fields = fields;
  }

  named(name) {
    if (this.name !== null && this.name !== name) throw new TypeError(`table ${name} is declared as ${this.name} already`);
    this.name = name;
    this.row.name = name;
    this.codec = recordCodec(name, this.fields);
    this.row.read = this.codec.read;
    this.row.write = this.codec.write;
    this.indexes = tableIndexes(this);
  }
}

const TABLE_OPTIONS = ['public', 'event', 'indexes', 'schedule'];

/** Declares a table: its columns in order, and options `public`, `event`, `indexes`, `schedule`. */
export function table(columns, options) {
  const given = checkOptions('table', options, TABLE_OPTIONS);
  const entries = Object.entries(checkRecord('table: columns', columns)).map(([name, column]) => {
    checkName('column', name);
    if (column instanceof Type) return [name, new Column(column, {})];
    if (!(column instanceof Column)) throw wrongType(`column ${name}`, 'a type (t.…)', column);
    return [name, column];
  });
  if (entries.filter(([, column]) => column.traits.primaryKey).length > 1) {
    throw new TypeError('a table has at most one primary key column');
  }
  return new Table(entries, given);
}

const METHODS = ['insert', 'delete', 'clear', 'count', 'scan', 'all'];

/** Of each: accessor name, columns by position, algorithm, unique. */
function tableIndexes(declared) {
  const { columns, name, options } = declared;
  const indexes = [];
  columns.forEach(([column, { traits }], position) => {
    const unique = traits.primaryKey === true || traits.unique === true;
    if (unique || traits.index !== undefined) {
      indexes.push({ accessor: column, positions: [position], algorithm: traits.index ?? 'btree', unique });
    }
  });
  const given = options.indexes === undefined ? {} : checkRecord(`table ${name}: indexes`, options.indexes);
  for (const [accessor, index] of Object.entries(given)) {
    const { columns: names, algorithm = 'btree' } = Array.isArray(index)
      ? { columns: index }
      : checkOptions(`index ${name}.${accessor}`, index, ['columns', 'algorithm']);
    if (!Array.isArray(names) || names.length === 0) throw wrongType(`index ${name}.${accessor}`, 'column names', names);
    const positions = names.map(column => {
      const position = columns.findIndex(([known]) => known === column);
      if (position < 0) throw new TypeError(`index ${name}.${accessor}: there is no column ${show(column)}`);
      return position;
    });
    indexes.push({ accessor: checkName('index', accessor), positions, algorithm: checkAlgorithm(algorithm), unique: false });
  }
  for (const index of indexes) {
    if (METHODS.includes(index.accessor)) {
      throw new TypeError(`table ${name}: an index cannot be called ${index.accessor}, as tables have a method of that name`);
    }
    if (indexes.some(other => other !== index && other.accessor === index.accessor)) {
      throw new TypeError(`table ${name} has two indexes called ${index.accessor}`);
    }
    index.name = `${name}_${index.positions.map(p => columns[p][0]).join('_')}_idx_${index.algorithm}`;
  }
  return indexes;
}

class Reducer {
  constructor(parameters, fn, lifecycle) {
    this.parameters = parameters;
    this.fn = fn;
    this.lifecycle = lifecycle;
  }
}

/** Declares a reducer: `reducer(fn)` or `reducer({ parameter: type }, fn)`. */
export function reducer(parameters, fn, options) {
  if (typeof parameters === 'function') return reducer({}, parameters, fn);
  checkOptions('reducer', options, []);
  return new Reducer(fieldsOf('reducer', parameters, 'parameter'), checkFunction('the reducer', fn), null);
}

function lifecycle(kind, name) {
  return (fn, options) => {
    checkOptions(name, options, []);
    return new Reducer([], checkFunction(name, fn), kind);
  };
}

/** Runs once, when the database is made. */
export const init = lifecycle(0, 'init');
/** Runs when a client connects; refusing refuses the connection. */
export const connected = lifecycle(1, 'connected');
/** Runs when a client has gone. */
export const disconnected = lifecycle(2, 'disconnected');

class View {
  constructor(returns, fn, anonymous, primaryKey) {
    this.returns = returns;
    this.fn = fn;
    this.anonymous = anonymous;
    this.primaryKey = primaryKey;
  }
}

class Query {
  constructor(sql) {
    this.sql = sql;
  }
}

/** What a view may return in place of rows: those that a SQL query finds. */
export function query(sql) {
  if (typeof sql !== 'string') throw wrongType('query', 'a string', sql);
  return Object.freeze(new Query(sql));
}

function viewMaker(name, anonymous) {
  return (returns, fn, options) => {
    const { primaryKey = null } = checkOptions(name, options, ['primaryKey']);
    if (primaryKey !== null) checkName(`${name}: primaryKey`, primaryKey);
    const type = checkType(name, returns);
    if (type.name !== 'array' && type.name !== 'option') {
      throw new TypeError(`${name}: a view returns t.array or t.option of a table's row or an object type`);
    }
    return new View(type, checkFunction(`the ${name}`, fn), anonymous, primaryKey);
  };
}

/** Declares a view of what its caller may see: `view(t.array(table.row), ctx => …)`. */
export const view = viewMaker('view', false);
/** Declares a view that is the same for everyone: its `ctx` has no `sender`. */
export const anonymousView = viewMaker('anonymousView', true);

class Procedure {
  constructor(parameters, returns, fn) {
    this.parameters = parameters;
    this.returns = returns;
    this.fn = fn;
  }
}

/** Declares a procedure: it returns a value and runs transactions of its own with `ctx.transaction(fn)`. */
export function procedure(parameters, returns, fn, options) {
  checkOptions('procedure', options, []);
  return new Procedure(
    fieldsOf('procedure', parameters, 'parameter'),
    checkType('procedure: result', returns),
    checkFunction('the procedure', fn),
  );
}

class HttpHandler {
  constructor(routes, fn) {
    this.routes = routes;
    this.fn = fn;
  }
}

/** Of `'GET /path'` or `'ANY /path'`: the method, null for any, and the path. */
function routeOf(text) {
  const [, method, path] = /^([A-Z]+) ?(.*)$/.exec(text) ?? [];
  if (method === undefined || (method !== 'ANY' && !METHOD_TAGS.includes(method))) {
    throw wrongType('httpHandler: route', "a text like 'GET /path' or 'ANY /path'", text);
  }
  return { method: method === 'ANY' ? null : method, path };
}

/** Declares what answers HTTP requests: `httpHandler(fn, { routes: ['GET /things'] })`. */
export function httpHandler(fn, options) {
  const { routes = [] } = checkOptions('httpHandler', options, ['routes']);
  if (!Array.isArray(routes)) throw wrongType('httpHandler: routes', 'an array', routes);
  return new HttpHandler(routes.map(routeOf), checkFunction('the HTTP handler', fn));
}

// ---------------------------------------------------------------------------------------------------------------------
// HTTP

const METHOD_TAGS = ['GET', 'HEAD', 'POST', 'PUT', 'DELETE', 'CONNECT', 'OPTIONS', 'TRACE', 'PATCH'];
const HTTP_VERSIONS = ['HTTP/0.9', 'HTTP/1.0', 'HTTP/1.1', 'HTTP/2', 'HTTP/3'];
const HTTP_1_1 = 2;
const lenientDecoder = new TextDecoder('utf-8');

function writeMethod(writer, method) {
  const tag = METHOD_TAGS.indexOf(method);
  writer.u8(tag < 0 ? METHOD_TAGS.length : tag);
  if (tag < 0) writer.string(method);
}

function readMethod(reader) {
  const tag = reader.u8();
  return tag === METHOD_TAGS.length ? reader.string() : METHOD_TAGS[tag];
}

/** Bytes of a body or a header: those of a text are UTF-8. */
function bytesOf(where, value) {
  if (typeof value === 'string') return encoder.encode(value);
  if (!(value instanceof Uint8Array)) throw wrongType(where, 'a string or a Uint8Array', value);
  return value;
}

/** From an object of names and values, or from pairs, where a name may come again. */
function writeHeaders(writer, where, headers) {
  const given = Array.isArray(headers) ? headers : Object.entries(checkRecord(where, headers ?? {}));
  writer.u32(given.length);
  for (const pair of given) {
    if (!Array.isArray(pair) || pair.length !== 2 || typeof pair[0] !== 'string') throw wrongType(where, '[name, value]', pair);
    const [name, value] = pair;
    const encoded = bytesOf(`${where}: ${name}`, value);
    writer.string(name);
    writer.u32(encoded.length);
    writer.raw(encoded);
  }
}

/** Headers as they came, in order; names are found whatever their case. */
export class Headers {
  #entries;

  constructor(entries) {
    this.#entries = entries;
  }

  /** The first value of a name as a text, or null. */
  get(name) {
    return this.all(name)[0] ?? null;
  }

  /** Every value of a name, as texts. */
  all(name) {
    const wanted = String(name).toLowerCase();
    return this.#entries.filter(([known]) => known.toLowerCase() === wanted).map(([, value]) => lenientDecoder.decode(value));
  }

  /** Pairs of name and bytes. */
  *[Symbol.iterator]() {
    for (const [name, value] of this.#entries) yield [name, value.slice()];
  }
}

function readHeaders(reader) {
  const count = reader.u32();
  const entries = [];
  for (let i = 0; i < count; i++) {
    const name = reader.string();
    entries.push([name, bytes.read(reader)]);
  }
  return new Headers(entries);
}

class Message {
  constructor(parts) {
    Object.assign(this, parts);
    Object.freeze(this);
  }

  /** The body as UTF-8. */
  text() {
    return lenientDecoder.decode(this.body);
  }

  json() {
    return JSON.parse(this.text());
  }
}

function readRequest(request, body) {
  const reader = readerOf(request);
  const method = readMethod(reader);
  const headers = readHeaders(reader);
  if (reader.u8() === 0) reader.take(8);
  const uri = reader.string();
  return new Message({ method, uri, version: HTTP_VERSIONS[reader.u8()], headers, body: body.slice() });
}

function readResponse(response, body) {
  const reader = readerOf(response);
  const headers = readHeaders(reader);
  const version = HTTP_VERSIONS[reader.u8()];
  return new Message({ status: reader.view.getUint16(reader.take(2), true), version, headers, body });
}

function readerOf(given) {
  const { buffer } = given.slice();
  return new Reader().use(buffer, buffer.byteLength);
}

const RESPONSE = ['status', 'headers', 'body'];

/** The two parts of what a handler returned: a text, or `{ status, headers, body }`. */
function writeResponse(where, value) {
  const response = typeof value === 'string' ? { body: value } : checkOptions(where, checkRecord(where, value), RESPONSE);
  const { status = 200, headers, body = '' } = response;
  if (!Number.isInteger(status) || status < 100 || status > 999) throw wrongType(`${where}: status`, 'a number from 100 to 999', status);
  const out = new Writer();
  writeHeaders(out, `${where}: headers`, headers);
  out.u8(HTTP_1_1);
  out.u16(status);
  return [out.copy(), bytesOf(`${where}: body`, body).slice()];
}

const REQUEST = ['uri', 'method', 'headers', 'body', 'timeout'];

/** Makes a request and waits for its response; throws HttpError if there is none. */
function http(request) {
  const given = typeof request === 'string' ? { uri: request } : checkOptions('http', checkRecord('http', request), REQUEST);
  const { uri, method = 'GET', headers, body = '', timeout = null } = given;
  const out = new Writer();
  if (typeof method !== 'string') throw wrongType('http: method', 'a string', method);
  writeMethod(out, method);
  writeHeaders(out, 'http: headers', headers);
  option(durationType).write(out, timeout, 'http: timeout');
  string.write(out, uri, 'http: uri');
  out.u8(HTTP_1_1);
  const [response, responseBody] = sys.procedure_http_request(out.copy(), bytesOf('http: body', body));
  return readResponse(response, responseBody);
}

// ---------------------------------------------------------------------------------------------------------------------
// Tables at run time

/** Keys and rows are written here, and single rows read: no call of the host keeps it. */
const scratch = new Writer();
const rowReader = new Reader();

function advance(iterator, writer) {
  try {
    return 0 | sys.row_iter_bsatn_advance(iterator, writer.buffer);
  } catch (error) {
    if (error === null || typeof error !== 'object' || error.__buffer_too_small__ === undefined) throw error;
    writer.use(new ArrayBuffer(error.__buffer_too_small__));
    return 0 | sys.row_iter_bsatn_advance(iterator, writer.buffer);
  }
}

/** Rows of one scan; closes itself at the end, when a loop leaves it, and at an error. */
class Rows extends Iterator {
  #handle;
  #codec;
  #buffer = null;
  #reader = new Reader();

  constructor(handle, codec) {
    super();
    this.#handle = handle;
    this.#codec = codec;
  }

  next() {
    const reader = this.#reader;
    while (reader.at >= reader.end) {
      if (this.#handle === 0) return { done: true, value: undefined };
      this.#fill();
    }
    return { done: false, value: this.#codec.read(reader) };
  }

  #fill() {
    this.#buffer ??= new Writer();
    const handle = this.#handle;
    this.#handle = 0;
    const count = advance(handle, this.#buffer);
    if (count > 0) this.#handle = handle;
    this.#reader.use(this.#buffer.buffer, count < 0 ? -count : count);
  }

  return() {
    const handle = this.#handle;
    this.#handle = 0;
    this.#reader.end = 0;
    if (handle !== 0) sys.row_iter_bsatn_close(handle);
    return { done: true, value: undefined };
  }

  [Symbol.iterator]() {
    return this;
  }
}

/** Decodes a whole scan. */
function allRows(handle, codec) {
  const rows = [];
  for (;;) {
    const count = advance(handle, scratch);
    const reader = rowReader.use(scratch.buffer, count < 0 ? -count : count);
    while (reader.at < reader.end) rows.push(codec.read(reader));
    if (count <= 0) return rows;
  }
}

class TableId {
  #name;
  #id = -1;

  constructor(name) {
    this.#name = name;
  }

  /** Looked up at the first use, then kept for the life of the instance. */
  get() {
    if (this.#id < 0) this.#id = sys.table_id_from_name(this.#name);
    return this.#id;
  }
}

function generatedColumns(declared) {
  return declared.columns.filter(([, column]) => column.traits.autoIncrement);
}

/** Writes into a copy of the row the values that the host generated for the columns that were zero. */
function withGenerated(declared, row, generated, length) {
  const complete = declared.codec.copy(row);
  if (length === 0) return complete;
  const reader = rowReader.use(scratch.buffer, length);
  for (const [name, { type }] of generated) {
    if (row[name] == 0) complete[name] = type.read(reader); // 0 or 0n
  }
  return complete;
}

function writeRow(declared, row) {
  scratch.at = 0;
  declared.codec.write(scratch, row, declared.name);
}

function tableReads(declared, id) {
  const { codec } = declared;
  return {
    /** Number of rows, a bigint. */
    count() {
      return sys.datastore_table_row_count(id.get());
    },
    /** All rows, in no order, one after the other. */
    scan() {
      return new Rows(sys.datastore_table_scan_bsatn(id.get()), codec);
    },
    /** All rows as an array. */
    all() {
      return allRows(sys.datastore_table_scan_bsatn(id.get()), codec);
    },
    [Symbol.iterator]() {
      return this.scan();
    },
  };
}

function tableWrites(declared, id) {
  const generated = generatedColumns(declared);
  const list = new Writer();
  return {
    /** Inserts a row; the row as it is stored, with generated values. */
    insert(row) {
      writeRow(declared, row);
      const length = sys.datastore_insert_bsatn(id.get(), scratch.buffer, scratch.at);
      return withGenerated(declared, row, generated, length);
    },
    /** Deletes the row that equals this one; whether there was one. */
    delete(row) {
      list.at = 0;
      list.u32(1);
      declared.codec.write(list, row, declared.name);
      return sys.datastore_delete_all_by_eq_bsatn(id.get(), list.buffer, list.at) > 0;
    },
    /** Deletes every row; how many there were, a bigint. */
    clear() {
      return sys21.datastore_clear(id.get());
    },
  };
}

const RANGE = ['gt', 'ge', 'lt', 'le'];

function isRange(value) {
  if (value === null || typeof value !== 'object' || Object.getPrototypeOf(value) !== Object.prototype) return false;
  const keys = Object.keys(value);
  return keys.length > 0 && keys.every(key => RANGE.includes(key));
}

function writeBound(writer, type, where, value, tag) {
  writer.u8(value === undefined ? 2 : tag);
  if (value !== undefined) type.write(writer, value, where);
}

/** Writes exact values and, last, perhaps a range; null when it is the whole key, else the lengths of the parts. */
function writeKey(index, types, values) {
  const writer = scratch;
  writer.at = 0;
  if (values.length === 0 || values.length > types.length) {
    throw new TypeError(`${index.where} takes 1 to ${types.length} values, got ${values.length}`);
  }
  const last = values[values.length - 1];
  const range = isRange(last) ? last : null;
  const exact = range === null ? values.length : values.length - 1;
  for (let i = 0; i < exact; i++) types[i].write(writer, values[i], index.names[i]);
  if (exact === types.length) return null;
  const prefix = writer.at;
  const bounds = range ?? {};
  if ('gt' in bounds && 'ge' in bounds || 'lt' in bounds && 'le' in bounds) {
    throw new TypeError(`${index.where}: a range has at most one lower and one upper bound`);
  }
  const type = types[exact];
  writeBound(writer, type, index.names[exact], 'gt' in bounds ? bounds.gt : bounds.ge, 'gt' in bounds ? 1 : 0);
  const start = writer.at - prefix;
  writeBound(writer, type, index.names[exact], 'lt' in bounds ? bounds.lt : bounds.le, 'lt' in bounds ? 1 : 0);
  return { prefix, exact, start, end: writer.at - prefix - start };
}

function indexAccessor(declared, index, tableId, writable) {
  const { codec, name } = declared;
  const fields = index.positions.map(position => declared.fields[position]);
  const types = fields.map(([, type]) => type);
  index.names = fields.map(([field]) => `${name}.${field}`);
  index.where = `${name}.${index.accessor}`;
  const [type] = types;
  const [where] = index.names;
  let known = -1;
  const id = () => (known < 0 ? (known = sys.index_id_from_name(index.name)) : known);

  const open = values => {
    const range = writeKey(index, types, values);
    return range === null
      ? sys.datastore_index_scan_point_bsatn(id(), scratch.buffer, scratch.at)
      : sys.datastore_index_scan_range_bsatn(id(), scratch.buffer, range.prefix, range.exact, range.start, range.end);
  };

  if (index.unique) {
    const found = {
      /** The row with this key, or null. */
      find(key) {
        scratch.at = 0;
        type.write(scratch, key, where);
        const handle = sys.datastore_index_scan_point_bsatn(id(), scratch.buffer, scratch.at);
        const count = advance(handle, scratch);
        if (count === 0) return null;
        return codec.read(rowReader.use(scratch.buffer, count < 0 ? -count : count));
      },
    };
    if (index.algorithm === 'btree') Object.assign(found, { scan: (...v) => new Rows(open(v), codec), all: (...v) => allRows(open(v), codec) });
    if (!writable) return Object.freeze(found);
    const generated = generatedColumns(declared);
    return Object.freeze({
      ...found,
      /** Replaces the row that has this row's key; throws NoSuchRow if there is none. */
      update(row) {
        writeRow(declared, row);
        const length = sys.datastore_update_bsatn(tableId.get(), id(), scratch.buffer, scratch.at);
        return withGenerated(declared, row, generated, length);
      },
      /** Deletes the row with this key; whether there was one. */
      delete(key) {
        scratch.at = 0;
        type.write(scratch, key, where);
        return sys.datastore_delete_by_index_scan_point_bsatn(id(), scratch.buffer, scratch.at) > 0;
      },
    });
  }
  const scans = {
    /** Rows with these values in the index's first columns; the last may be a range { gt, ge, lt, le }. */
    scan: (...values) => new Rows(open(values), codec),
    all: (...values) => allRows(open(values), codec),
  };
  if (!writable) return Object.freeze(scans);
  return Object.freeze({
    ...scans,
    /** Deletes what `scan` would give; how many rows there were. */
    delete(...values) {
      const range = writeKey(index, types, values);
      return range === null
        ? sys.datastore_delete_by_index_scan_point_bsatn(id(), scratch.buffer, scratch.at)
        : sys.datastore_delete_by_index_scan_range_bsatn(
            id(), scratch.buffer, range.prefix, range.exact, range.start, range.end);
    },
  });
}

function tableAccessor(declared, writable) {
  const id = new TableId(declared.name);
  const accessor = writable ? { ...tableReads(declared, id), ...tableWrites(declared, id) } : tableReads(declared, id);
  for (const index of declared.indexes) accessor[index.accessor] = indexAccessor(declared, index, id, writable);
  return Object.freeze(accessor);
}

function database(tables, writable) {
  return Object.freeze(Object.fromEntries(tables.map(table => [table.name, tableAccessor(table, writable)])));
}

// ---------------------------------------------------------------------------------------------------------------------
// The context of a call

/** Random numbers that depend on the call alone: xoshiro128** seeded with SplitMix32; see README.md. */
function randomOf(timestamp, sender, connection) {
  let seed = Number(BigInt.asUintN(32, timestamp ^ (timestamp >> 32n) ^ sender ^ (sender >> 32n) ^ connection ^ (connection >> 32n)));
  const split = () => {
    seed = (seed + 0x9e3779b9) | 0;
    let z = seed;
    z = Math.imul(z ^ (z >>> 16), 0x21f0aaad);
    z = Math.imul(z ^ (z >>> 15), 0x735a2d97);
    return z ^ (z >>> 15);
  };
  const s = [split(), split(), split(), split()];
  const rotate = (x, k) => (x << k) | (x >>> (32 - k));
  const u32 = () => {
    const drawn = Math.imul(rotate(Math.imul(s[1], 5), 7), 9) >>> 0;
    const shifted = s[1] << 9;
    s[2] ^= s[0];
    s[3] ^= s[1];
    s[1] ^= s[2];
    s[0] ^= s[3];
    s[2] ^= shifted;
    s[3] = rotate(s[3], 11);
    return drawn;
  };
  /** A number from 0 up to but without 1, of 53 random bits. */
  const random = () => ((u32() >>> 5) * 67108864 + (u32() >>> 6)) / 9007199254740992;
  /** An integer from min to max, both included. */
  random.integer = (min, max) => {
    if (!Number.isSafeInteger(min) || !Number.isSafeInteger(max) || min > max) {
      throw new RangeError(`random.integer: ${show(min)} to ${show(max)} is no range of integers`);
    }
    return min + Math.floor(random() * (max - min + 1));
  };
  random.bytes = count => Uint8Array.from({ length: count }, () => u32() >>> 24);
  /** A version 4 Uuid. */
  random.uuid = () => {
    let value = 0n;
    for (const byte of random.bytes(16)) value = (value << 8n) | BigInt(byte);
    return new Uuid((value & ~(0xfn << 76n) & ~(3n << 62n)) | (4n << 76n) | (2n << 62n));
  };
  return random;
}

const log = Object.freeze({
  error(...parts) {
    sys.console_log(0, parts.map(String).join(' '));
  },
  warn(...parts) {
    sys.console_log(1, parts.map(String).join(' '));
  },
  info(...parts) {
    sys.console_log(2, parts.map(String).join(' '));
  },
  debug(...parts) {
    sys.console_log(3, parts.map(String).join(' '));
  },
  trace(...parts) {
    sys.console_log(4, parts.map(String).join(' '));
  },
});
globalThis.console = { ...log, log: log.info };

/** What a function is called with; throws when used after the call. */
class Context {
  #open = true;
  #db;

  constructor(db) {
    this.#db = db;
  }

  static close(context) {
    context.#open = false;
  }

  check() {
    if (!this.#open) throw new TypeError('the context was used after its call had ended');
  }

  get db() {
    if (!this.#open) this.check();
    return this.#db;
  }

  get log() {
    if (!this.#open) this.check();
    return log;
  }

  /** The database's identity. */
  get identity() {
    if (!this.#open) this.check();
    return new Identity(sys.identity());
  }
}

class ViewContext extends Context {
  #sender;

  constructor(db, sender) {
    super(db);
    this.#sender = sender;
  }

  get sender() {
    this.check();
    return new Identity(this.#sender);
  }
}

class CallContext extends Context {
  #sender;
  #connection;
  #timestamp;
  #random = null;

  constructor(db, sender, connection, timestamp) {
    super(db);
    this.#sender = sender;
    this.#connection = connection;
    this.#timestamp = timestamp;
  }

  get sender() {
    this.check();
    return new Identity(this.#sender);
  }

  get connection() {
    this.check();
    return this.#connection === 0n ? null : new ConnectionId(this.#connection);
  }

  get timestamp() {
    this.check();
    return new Timestamp(this.#timestamp);
  }

  get random() {
    this.check();
    this.#random ??= randomOf(this.#timestamp, this.#sender, this.#connection);
    return this.#random;
  }
}

/** Runs a function in a transaction of its own and commits it; if that fails the function runs a second time. */
function inTransaction(run, newContext) {
  checkFunction('the transaction', run);
  try {
    return once(run, newContext);
  } catch (error) {
    if (!(error instanceof CommitFailed)) throw error;
    return once(run, newContext);
  }
}

function once(run, newContext) {
  const context = newContext(sys.procedure_start_mut_tx());
  let value;
  try {
    value = refusePromise('the transaction', run(context));
  } catch (error) {
    sys.procedure_abort_mut_tx();
    throw error;
  } finally {
    Context.close(context);
  }
  try {
    sys.procedure_commit_mut_tx();
  } catch (error) {
    throw new CommitFailed('the transaction could not be committed', { cause: error });
  }
  return value;
}

/** A procedure's: it has no `db` but inside `transaction`. */
class ProcedureContext extends CallContext {
  #db;
  #sender;
  #connection;

  constructor(db, sender, connection, timestamp) {
    super(undefined, sender, connection, timestamp);
    this.#db = db;
    this.#sender = sender;
    this.#connection = connection;
  }

  transaction(run) {
    this.check();
    return inTransaction(run, started => new CallContext(this.#db, this.#sender, this.#connection, started));
  }

  get http() {
    this.check();
    return http;
  }
}

/** An HTTP handler's: nobody is known to call it. */
class HandlerContext extends Context {
  #db;
  #timestamp;
  #random = null;

  constructor(db, timestamp) {
    super(undefined);
    this.#db = db;
    this.#timestamp = timestamp;
  }

  get timestamp() {
    this.check();
    return new Timestamp(this.#timestamp);
  }

  get random() {
    this.check();
    this.#random ??= randomOf(this.#timestamp, 0n, 0n);
    return this.#random;
  }

  transaction(run) {
    this.check();
    return inTransaction(run, started => new CallContext(this.#db, 0n, 0n, started));
  }

  get http() {
    this.check();
    return http;
  }
}

class CommitFailed extends Error {}

function refusePromise(what, value) {
  if (value !== null && typeof value === 'object' && typeof value.then === 'function') {
    throw new TypeError(`${what} returned a promise: a call ends when its function returns`);
  }
  return value;
}

// ---------------------------------------------------------------------------------------------------------------------
// The module

const SECTION = {
  typespace: 0, types: 1, tables: 2, reducers: 3, procedures: 4, views: 5, schedules: 6, lifecycle: 7, rowRules: 8,
  casePolicy: 9, httpHandlers: 11, httpRoutes: 12, viewKeys: 13,
};

/** A description in the making: a writer that also numbers the named types it meets. */
class Description extends Writer {
  #types = new Map();

  reference(type) {
    this.u8(0);
    this.u32(this.number(type));
  }

  number(type) {
    let number = this.#types.get(type);
    if (number === undefined) {
      for (const other of this.#types.keys()) {
        if (other.name === type.name) throw new TypeError(`two types are called ${type.name}`);
      }
      if (type.name === null) throw new TypeError('the row of a table is used that is not in the module');
      number = this.#types.size;
      this.#types.set(type, number);
    }
    return number;
  }

  get types() {
    return [...this.#types.keys()];
  }

  list(values, write) {
    this.u32(values.length);
    values.forEach(value => write(value));
  }

  columns(positions) {
    this.list(positions, position => this.u16(position));
  }

  none() {
    this.u8(1);
  }

  some(name) {
    this.u8(0);
    this.string(name);
  }
}

function describeTable(out, declared) {
  const { columns, name, options, indexes } = declared;
  out.string(name);
  out.u32(out.number(declared.row));
  out.columns(columns.flatMap(([, column], i) => (column.traits.primaryKey ? [i] : [])));
  out.list(indexes, index => {
    out.some(index.name);
    out.some(index.accessor);
    out.u8(ALGORITHMS.indexOf(index.algorithm));
    if (index.algorithm === 'direct') {
      if (index.positions.length > 1) throw new TypeError(`index ${name}.${index.accessor}: a direct index has one column`);
      out.u16(index.positions[0]);
    } else {
      out.columns(index.positions);
    }
  });
  out.list(indexes.filter(index => index.unique), index => {
    out.none();
    out.u8(0);
    out.columns(index.positions);
  });
  out.list(columns.flatMap(([, column], i) => (column.traits.autoIncrement ? [i] : [])), position => {
    out.none();
    out.u16(position);
    out.none();
    out.none();
    out.none();
    out.big(1n, 16);
  });
  out.u8(1);
  out.u8(options.public === true ? 0 : 1);
  out.list(columns.flatMap(([, column], i) => (column.traits.default ? [i] : [])), position => {
    const [column, { type, traits }] = columns[position];
    const value = new Writer();
    type.write(value, traits.default.value, `${name}.${column}: default`);
    out.u16(position);
    out.u32(value.at);
    out.raw(value.bytes.subarray(0, value.at));
  });
  out.u8(options.event === true ? 1 : 0);
}

function describeReducer(out, name, declared) {
  out.string(name);
  describeFields(out, declared.parameters);
  out.u8(1);
  unit.describe(out);
  string.describe(out);
}

function describeProcedure(out, name, declared) {
  out.string(name);
  describeFields(out, declared.parameters);
  declared.returns.describe(out);
  out.u8(1);
}

function describeView(out, name, declared) {
  out.string(name);
  out.u32(declared.index);
  out.u8(1);
  out.u8(declared.anonymous ? 1 : 0);
  out.u32(0);
  declared.returns.describe(out);
}

function describeRoute(out, name, { method, path }) {
  out.string(name);
  out.u8(method === null ? 0 : 1);
  if (method !== null) writeMethod(out, method);
  out.string(path);
}

function describeModule(parts) {
  const { tables, reducers, procedures, views, httpHandlers, rowRules } = parts;
  const body = new Description();
  tables.forEach(declared => body.number(declared.row));
  const sections = [];
  const section = (tag, write) => {
    body.at = 0;
    write();
    sections.push([tag, body.copy()]);
  };
  const sectionOf = (tag, values, write) => {
    if (values.length > 0) section(tag, () => body.list(values, write));
  };
  sectionOf(SECTION.tables, tables, declared => describeTable(body, declared));
  sectionOf(SECTION.reducers, reducers, ([name, declared]) => describeReducer(body, name, declared));
  sectionOf(SECTION.procedures, procedures, ([name, declared]) => describeProcedure(body, name, declared));
  sectionOf(SECTION.views, views, ([name, declared]) => describeView(body, name, declared));
  sectionOf(SECTION.schedules, tables.filter(declared => declared.options.schedule !== undefined), declared => {
    body.none();
    body.string(declared.name);
    body.u16(scheduleColumn(declared));
    body.string(declared.options.schedule);
  });
  sectionOf(SECTION.lifecycle, reducers.filter(([, declared]) => declared.lifecycle !== null), ([name, declared]) => {
    body.u8(declared.lifecycle);
    body.string(name);
  });
  sectionOf(SECTION.rowRules, rowRules, sql => body.string(sql));
  section(SECTION.casePolicy, () => body.u8(0));
  sectionOf(SECTION.httpHandlers, httpHandlers, ([name]) => body.string(name));
  sectionOf(
    SECTION.httpRoutes,
    httpHandlers.flatMap(([name, { routes }]) => routes.map(route => [name, route])),
    ([name, route]) => describeRoute(body, name, route),
  );
  sectionOf(SECTION.viewKeys, views.filter(([, declared]) => declared.primaryKey !== null), ([name, declared]) => {
    body.string(name);
    body.list([declared.primaryKey], column => body.string(column));
  });
  // Describing a type can name further ones, so the list grows while it is walked.
  const definitions = [];
  for (let i = 0; i < body.types.length; i++) {
    body.at = 0;
    body.types[i].describeDefinition(body);
    definitions.push(body.copy());
  }
  section(SECTION.typespace, () => body.list(definitions, definition => body.raw(definition)));
  section(SECTION.types, () =>
    body.list(body.types, type => {
      body.u32(0);
      body.string(type.name);
      body.u32(body.number(type));
      body.u8(1);
    }));
  sections.sort(([a], [b]) => a - b);
  const out = new Writer();
  out.u8(2);
  out.u32(sections.length);
  for (const [tag, content] of sections) {
    out.u8(tag);
    out.raw(content);
  }
  return out.copy();
}

function scheduleColumn(declared) {
  const position = declared.fields.findIndex(([, type]) => type === scheduleAt);
  if (position < 0) throw new TypeError(`table ${declared.name} has a schedule but no column of type t.scheduleAt`);
  return position;
}

/** Entries of one kind by name, in order of the names' code units. */
function functionsOf(kind, record, Class, maker) {
  const entries = Object.entries(checkRecord(`module: ${kind}`, record ?? {}));
  for (const [name, declared] of entries) {
    checkName(`module: ${kind}:`, name);
    if (!(declared instanceof Class)) throw wrongType(`${kind}.${name}`, `a ${maker}(…)`, declared);
  }
  return entries.sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0));
}

function tablesOf(record) {
  const entries = Object.entries(checkRecord('module: tables', record ?? {}));
  return entries.map(([name, declared]) => {
    checkName('table', name);
    if (name.startsWith('st_')) throw new TypeError(`table ${name}: names that start with st_ belong to the system`);
    if (!(declared instanceof Table)) throw wrongType(`tables.${name}`, 'a table(…)', declared);
    declared.named(name);
    return declared;
  });
}

function checkSchedules(tables, reducers, procedures) {
  for (const { name, options, row } of tables) {
    if (options.schedule === undefined) continue;
    const target = [...reducers, ...procedures].find(([known]) => known === options.schedule);
    if (target === undefined) throw new TypeError(`table ${name}: there is no reducer ${show(options.schedule)} to schedule`);
    const [, { parameters }] = target;
    if (parameters.length !== 1 || parameters[0][1] !== row) {
      throw new TypeError(`${options.schedule} is scheduled by table ${name}, so its one parameter has to be that table's row`);
    }
  }
}

// Stack traces are cut at a function of this name: what lies below is the library.
function __spacetimedb_end_short_backtrace(fn, context, args) {
  return fn(context, args);
}

class Hooks {
  #description;
  #db;
  #views;
  #reducers;
  #procedures;
  #httpHandlers;
  #sender = [];
  #anonymous = [];
  #arguments = new Reader();

  constructor({ tables, reducers, procedures, views, httpHandlers, rowRules }) {
    const counts = [0, 0];
    for (const [, declared] of views) declared.index = counts[declared.anonymous ? 1 : 0]++;
    this.#description = describeModule({ tables, reducers, procedures, views, httpHandlers, rowRules });
    this.#db = database(tables, true);
    this.#views = database(tables, false);
    const entry = ([name, { fn, parameters, returns }]) => ({ name, fn, returns, codec: recordCodec(name, parameters) });
    this.#reducers = reducers.map(entry);
    this.#procedures = procedures.map(entry);
    this.#httpHandlers = httpHandlers;
    for (const [name, declared] of views) {
      (declared.anonymous ? this.#anonymous : this.#sender)[declared.index] = { name, declared };
    }
  }

  __describe_module__() {
    return this.#description;
  }

  __get_error_constructor__(code) {
    return hostErrors[code] ?? HostError;
  }

  get __sender_error_class__() {
    return CallerError;
  }

  __call_reducer__(id, sender, connection, timestamp, args) {
    const { name, fn, codec } = this.#reducers[id];
    const reader = this.#arguments.use(args.buffer, args.byteLength);
    const values = codec.read(reader);
    const context = new CallContext(this.#db, sender, connection, timestamp);
    try {
      const value = __spacetimedb_end_short_backtrace(fn, context, values);
      if (value !== undefined) refusePromise(`reducer ${name}`, value);
    } finally {
      Context.close(context);
    }
  }

  __call_view__(id, sender, _args) {
    return this.#view(this.#sender[id], new ViewContext(this.#views, sender));
  }

  __call_view_anon__(id, _args) {
    return this.#view(this.#anonymous[id], new Context(this.#views));
  }

  #view({ name, declared }, context) {
    let value;
    try {
      value = refusePromise(`view ${name}`, __spacetimedb_end_short_backtrace(declared.fn, context));
    } finally {
      Context.close(context);
    }
    const out = new Writer();
    if (value instanceof Query) {
      out.u8(1);
      out.string(value.sql);
      return { data: out.copy() };
    }
    out.u8(0);
    if (declared.returns.name === 'array') {
      const rows = typeof value === 'object' && value !== null && !Array.isArray(value) ? [...value] : value;
      declared.returns.write(out, rows, `view ${name}`);
    } else {
      // Even an option travels as an array, of no or one row.
      const encoded = new Writer();
      declared.returns.write(encoded, value, `view ${name}`);
      const present = encoded.bytes[0] === 0;
      out.u32(present ? 1 : 0);
      out.raw(encoded.bytes.subarray(1, encoded.at));
    }
    return { data: out.copy() };
  }

  __call_procedure__(id, sender, connection, timestamp, args) {
    const { name, fn, codec, returns } = this.#procedures[id];
    const buffer = args.slice().buffer;
    const values = codec.read(new Reader().use(buffer, buffer.byteLength));
    const context = new ProcedureContext(this.#db, sender, connection, timestamp);
    const out = new Writer();
    try {
      const value = refusePromise(`procedure ${name}`, __spacetimedb_end_short_backtrace(fn, context, values));
      returns.write(out, value, `the result of ${name}`);
    } finally {
      Context.close(context);
    }
    return out.copy();
  }

  __call_http_handler__(id, timestamp, request, body) {
    const [name, { fn }] = this.#httpHandlers[id];
    const context = new HandlerContext(this.#db, timestamp);
    try {
      const value = __spacetimedb_end_short_backtrace(fn, context, readRequest(request, body));
      return writeResponse(`the response of ${name}`, refusePromise(`HTTP handler ${name}`, value));
    } finally {
      Context.close(context);
    }
  }
}

const PARTS = ['tables', 'reducers', 'views', 'procedures', 'httpHandlers', 'rowRules'];

function rowRulesOf(rules) {
  if (!Array.isArray(rules)) throw wrongType('module: rowRules', 'an array', rules);
  for (const sql of rules) {
    if (typeof sql !== 'string') throw wrongType('module: rowRules', 'SQL texts', sql);
  }
  return rules;
}

/** What a module default-exports: `module({ tables, reducers, views, procedures, httpHandlers, rowRules })`. */
export function module(parts) {
  checkOptions('module', checkRecord('module', parts), PARTS);
  const tables = tablesOf(parts.tables);
  const reducers = functionsOf('reducers', parts.reducers, Reducer, 'reducer');
  const procedures = functionsOf('procedures', parts.procedures, Procedure, 'procedure');
  const views = functionsOf('views', parts.views, View, 'view');
  checkSchedules(tables, reducers, procedures);
  const httpHandlers = functionsOf('httpHandlers', parts.httpHandlers, HttpHandler, 'httpHandler');
  const rowRules = rowRulesOf(parts.rowRules ?? []);
  const hooks = new Hooks({ tables, reducers, procedures, views, httpHandlers, rowRules });
  return Object.freeze({
    [sys.moduleHooks]() {
      return hooks;
    },
  });
}
