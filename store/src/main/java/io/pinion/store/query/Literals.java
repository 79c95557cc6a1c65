package io.pinion.store.query;

import io.pinion.store.query.Statement.Expression.Literal;
import io.pinion.store.query.Statement.LiteralKind;
import io.pinion.store.value.AlgebraicType;
import io.pinion.store.value.AlgebraicType.Primitive;
import io.pinion.store.value.BsatnWriter;
import io.pinion.store.value.Bytes;
import io.pinion.store.value.ConnectionId;
import io.pinion.store.value.Identity;
import io.pinion.store.value.Integers;
import io.pinion.store.value.Timestamps;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Literals of conditions as BSATN of the type they are compared with. Strings, numbers and hex are all taken by their
 * characters: whatever spells a value of the type is one.
 */
final class Literals {
    private static final Pattern DECIMAL = Pattern.compile("[+-]?(\\d+(\\.\\d*)?|\\.\\d+)([eE][+-]?\\d+)?");
    private static final Pattern UUID = Pattern.compile(
            "(?:urn:uuid:)?\\{?([0-9a-fA-F]{8})-([0-9a-fA-F]{4})-([0-9a-fA-F]{4})-([0-9a-fA-F]{4})-([0-9a-fA-F]{12})}?");
    /** Digits of the widest integer, with some to spare; more would only be expensive. */
    private static final int INTEGER_DIGITS_MAX = 80;

    private Literals() {}

    /** @throws SqlException if the literal is no value of the type, naming both */
    static Bytes toBsatn(Literal literal, AlgebraicType type) {
        if (literal.kind() == LiteralKind.BOOL || type == Primitive.BOOL) {
            return bool(literal, type);
        }
        try {
            return ofText(literal, type);
        } catch (IllegalArgumentException e) {
            throw mismatch(literal, type, e.getMessage());
        }
    }

    /**
     * As a value to be written, where strings are taken for strings alone.
     *
     * @throws SqlException if the literal is no value of the type that may be written so, naming both
     */
    static Bytes toColumn(Literal literal, AlgebraicType type) {
        if (literal.kind() == LiteralKind.STRING && type != Primitive.STRING) {
            throw mismatch(literal, type, "a string is written into String columns only");
        }
        return toBsatn(literal, type);
    }

    private static Bytes bool(Literal literal, AlgebraicType type) {
        if (literal.kind() != LiteralKind.BOOL || type != Primitive.BOOL) {
            throw mismatch(literal, type, null);
        }
        return Bytes.wrap(new byte[] {(byte) (literal.text().equals("TRUE") ? 1 : 0)});
    }

    private static Bytes ofText(Literal literal, AlgebraicType type) {
        String text = literal.text();
        if (type instanceof Primitive primitive) {
            return primitive(literal, primitive);
        }
        if (AlgebraicType.isByteArray(type)) {
            return new BsatnWriter()
                    .writeByteArray(Bytes.ofHex(withoutPrefix(text)))
                    .toBytes();
        }
        if (type.equals(AlgebraicType.IDENTITY)) {
            return Identity.parse(text).toBsatn();
        }
        if (type.equals(AlgebraicType.CONNECTION_ID)) {
            return ConnectionId.parse(text).toBsatn();
        }
        if (type.equals(AlgebraicType.TIMESTAMP)) {
            return new BsatnWriter(Long.BYTES)
                    .writeLong(Timestamps.parseMicros(text))
                    .toBytes();
        }
        if (type.equals(AlgebraicType.UUID)) {
            return uuid(text);
        }
        throw mismatch(literal, type, null);
    }

    private static Bytes primitive(Literal literal, Primitive type) {
        return switch (type) {
            case STRING -> new BsatnWriter().writeString(literal.text()).toBytes();
            case F32 -> {
                float value = Float.parseFloat(decimalText(literal.text()));
                yield new BsatnWriter(type.size()).writeFloat(value).toBytes();
            }
            case F64 -> {
                double value = Double.parseDouble(decimalText(literal.text()));
                yield new BsatnWriter(type.size()).writeDouble(value).toBytes();
            }
            default -> integer(literal, type);
        };
    }

    private static Bytes integer(Literal literal, Primitive type) {
        BigDecimal decimal = new BigDecimal(decimalText(literal.text()));
        boolean isShort = decimal.signum() == 0
                || Math.abs((long) decimal.scale()) + decimal.precision() <= 2 * INTEGER_DIGITS_MAX;
        if (!isShort || decimal.stripTrailingZeros().scale() > 0) {
            throw mismatch(literal, type, "it is not a whole number in range");
        }
        BigInteger value = decimal.toBigInteger();
        if (!Integers.isInRange(value, type)) {
            throw mismatch(literal, type, "it is out of range");
        }
        return new BsatnWriter(type.size()).writeBigInteger(value, type.size()).toBytes();
    }

    /** Hyphenated, in braces or as a URN, or 32 digits with or without {@code 0x}. */
    private static Bytes uuid(String text) {
        String digits = UUID.matcher(text).replaceFirst("$1$2$3$4$5");
        return ConnectionId.parse(digits).toBsatn();
    }

    /** @throws SqlException if the text is no decimal number, or one that no computer should write out */
    static BigDecimal decimal(String text, int position) {
        try {
            return new BigDecimal(decimalText(text));
        } catch (NumberFormatException e) {
            throw new SqlException("not a usable number: " + text + " (" + e.getMessage() + ")", position);
        }
    }

    private static String decimalText(String text) {
        if (!DECIMAL.matcher(text).matches()) {
            throw new NumberFormatException("it is not a decimal number");
        }
        return text;
    }

    private static String withoutPrefix(String text) {
        return text.startsWith("0x") ? text.substring(2) : text;
    }

    private static SqlException mismatch(Literal literal, AlgebraicType type, @Nullable String reason) {
        return new SqlException(
                "the literal " + literal.shown() + " is not a value of type " + TypeNames.of(type)
                        + (reason == null ? "" : ": " + reason),
                literal.position());
    }
}
