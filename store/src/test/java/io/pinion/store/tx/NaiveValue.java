package io.pinion.store.tx;

import io.pinion.store.value.AlgebraicType;
import io.pinion.store.value.AlgebraicType.Primitive;
import io.pinion.store.value.BsatnReader;
import io.pinion.store.value.BsatnWriter;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.random.RandomGenerator;
import java.util.stream.IntStream;

/** Values as plain objects, compared the slow and obvious way. */
sealed interface NaiveValue extends Comparable<NaiveValue> {
    record Whole(BigInteger value) implements NaiveValue {}

    record Text(String value) implements NaiveValue {}

    record Real(double value) implements NaiveValue {}

    record Fields(List<NaiveValue> values) implements NaiveValue {}

    record Variant(int tag, NaiveValue value) implements NaiveValue {}

    @Override
    default int compareTo(NaiveValue other) {
        return switch (this) {
            case Whole(BigInteger value) -> value.compareTo(((Whole) other).value);
            case Text(String value) ->
                Arrays.compareUnsigned(
                        value.getBytes(StandardCharsets.UTF_8), ((Text) other).value.getBytes(StandardCharsets.UTF_8));
            case Real(double value) -> compareReals(value, ((Real) other).value);
            case Fields(List<NaiveValue> values) -> compareAll(values, ((Fields) other).values);
            case Variant(int tag, NaiveValue value) ->
                tag != ((Variant) other).tag
                        ? Integer.compare(tag, ((Variant) other).tag)
                        : value.compareTo(((Variant) other).value);
        };
    }

    private static int compareReals(double left, double right) {
        if (left == right || (Double.isNaN(left) && Double.isNaN(right))) {
            return 0;
        }
        if (Double.isNaN(left) || Double.isNaN(right)) {
            return Double.isNaN(left) ? 1 : -1;
        }
        return left < right ? -1 : 1;
    }

    static int compareAll(List<NaiveValue> left, List<NaiveValue> right) {
        for (int i = 0; i < Math.min(left.size(), right.size()); i++) {
            int order = left.get(i).compareTo(right.get(i));
            if (order != 0) {
                return order;
            }
        }
        return Integer.compare(left.size(), right.size());
    }

    static NaiveValue read(BsatnReader reader, AlgebraicType type) {
        return switch (type) {
            case Primitive.STRING -> new Text(reader.readString());
            case Primitive.BOOL -> new Whole(BigInteger.valueOf(reader.readU8()));
            case Primitive.F32 -> new Real(reader.readFloat());
            case Primitive.F64 -> new Real(reader.readDouble());
            case Primitive number -> new Whole(reader.readBigInteger(number.size(), number.isSigned()));
            case AlgebraicType.Product product ->
                new Fields(product.elements().stream()
                        .map(element -> read(reader, element.type()))
                        .toList());
            case AlgebraicType.Array array -> {
                List<NaiveValue> values = new ArrayList<>();
                for (long left = reader.readCount(); left > 0; left--) {
                    values.add(read(reader, array.element()));
                }
                yield new Fields(values);
            }
            case AlgebraicType.Sum sum -> {
                int tag = reader.readTag(sum.variants().size(), "a sum");
                yield new Variant(tag, read(reader, sum.variants().get(tag).type()));
            }
            case AlgebraicType.Ref ref -> throw new AssertionError("not inlined: " + ref);
        };
    }

    List<Primitive> PRIMITIVES = List.of(Primitive.values());

    /** Of a fixed size: a page has few of these, or none. */
    List<AlgebraicType> WIDE = List.of(repeated(12), repeated(130));

    private static AlgebraicType repeated(int count) {
        return AlgebraicType.product(IntStream.range(0, count)
                .mapToObj(i -> AlgebraicType.element("part" + i, Primitive.U256))
                .toArray(AlgebraicType.Element[]::new));
    }

    /** Any type that a column can have, nested that deep at most; one in three is a bare primitive. */
    static AlgebraicType randomType(RandomGenerator random, int depth) {
        List<AlgebraicType> special = List.of(
                AlgebraicType.IDENTITY,
                AlgebraicType.product(AlgebraicType.element("__connection_id__", Primitive.U128)),
                AlgebraicType.product(AlgebraicType.element("__timestamp_micros_since_unix_epoch__", Primitive.I64)),
                AlgebraicType.product(AlgebraicType.element("__time_duration_micros__", Primitive.I64)),
                AlgebraicType.product(AlgebraicType.element("__uuid__", Primitive.U128)),
                AlgebraicType.SCHEDULE_AT,
                new AlgebraicType.Array(Primitive.U8));
        return switch (random.nextInt(depth > 0 ? 15 : 6)) {
            case 6, 7 -> special.get(random.nextInt(special.size()));
            case 8 -> AlgebraicType.option(randomType(random, depth - 1));
            case 9 ->
                AlgebraicType.sum(
                        AlgebraicType.element("ok", randomType(random, depth - 1)),
                        AlgebraicType.element("err", randomType(random, depth - 1)));
            case 10 -> new AlgebraicType.Array(randomType(random, depth - 1));
            case 11 -> AlgebraicType.sum(randomElements(random, 1 + random.nextInt(4), depth - 1));
            case 12 -> AlgebraicType.product(randomElements(random, random.nextInt(4), depth - 1));
            case 13 -> {
                AlgebraicType.Element[] plain = new AlgebraicType.Element[1 + random.nextInt(4)];
                Arrays.setAll(plain, i -> AlgebraicType.element("v" + i, AlgebraicType.UNIT));
                yield AlgebraicType.sum(plain);
            }
            case 14 -> random.nextInt(3) == 0 ? WIDE.get(random.nextInt(2)) : Primitive.U64;
            default -> PRIMITIVES.get(random.nextInt(PRIMITIVES.size()));
        };
    }

    private static AlgebraicType.Element[] randomElements(RandomGenerator random, int count, int depth) {
        return IntStream.range(0, count)
                .mapToObj(i -> AlgebraicType.element("e" + i, randomType(random, depth)))
                .toArray(AlgebraicType.Element[]::new);
    }

    /** Writes a random value out of a domain of about that many values per primitive. */
    static void writeRandom(BsatnWriter target, AlgebraicType type, RandomGenerator random, int domain) {
        switch (type) {
            case Primitive.STRING -> target.writeString(randomText(random, domain));
            case Primitive.BOOL -> target.writeBool(random.nextBoolean());
            case Primitive.F32 -> target.writeFloat((float) randomReal(random, domain));
            case Primitive.F64 -> target.writeDouble(randomReal(random, domain));
            case Primitive number -> target.writeBigInteger(randomNumber(random, domain, number), number.size());
            case AlgebraicType.Product product ->
                product.elements().forEach(element -> writeRandom(target, element.type(), random, domain));
            case AlgebraicType.Array array -> {
                int count = random.nextInt(4);
                target.writeInt(count);
                for (int i = 0; i < count; i++) {
                    writeRandom(target, array.element(), random, domain);
                }
            }
            case AlgebraicType.Sum sum -> {
                int tag = random.nextInt(sum.variants().size());
                target.writeByte(tag);
                writeRandom(target, sum.variants().get(tag).type(), random, domain);
            }
            case AlgebraicType.Ref ref -> throw new AssertionError("not inlined: " + ref);
        }
    }

    private static BigInteger randomNumber(RandomGenerator random, int domain, Primitive type) {
        BigInteger value = BigInteger.valueOf(random.nextInt(domain) - (type.isSigned() ? domain / 2 : 0));
        // Far apart values too, so that every byte of a key matters.
        return random.nextInt(4) == 0 ? value.shiftLeft(8 * (type.size() - 1)).subtract(BigInteger.ONE) : value;
    }

    private static double randomReal(RandomGenerator random, int domain) {
        return switch (random.nextInt(6)) {
            case 0 -> -0.0;
            case 1 -> 0.0;
            case 2 -> Double.NaN;
            case 3 -> random.nextBoolean() ? Double.POSITIVE_INFINITY : Double.NEGATIVE_INFINITY;
            default -> random.nextInt(domain) - domain / 2.0;
        };
    }

    private static String randomText(RandomGenerator random, int domain) {
        String letters = Integer.toString(random.nextInt(domain), 3);
        return switch (random.nextInt(8)) {
            case 0 -> "";
            case 1 -> "a common beginning " + letters;
            case 2 -> letters + "\0";
            case 3 -> letters + "\uFFFD";
            case 4 -> letters + "\uD83D\uDE00";
            // Some of them too long for a page.
            case 5 -> letters.repeat(random.nextInt(domain > 100 || random.nextInt(8) == 0 ? 3000 : 30));
            default -> letters;
        };
    }
}
