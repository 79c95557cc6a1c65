package io.pinion.store.value;

import java.math.BigDecimal;
import java.math.MathContext;
import java.math.RoundingMode;
import org.jspecify.annotations.Nullable;

/**
 * The shortest decimal that reads back as the same float, always with a fraction or an exponent: {@code 1.0},
 * {@code 0.1}, {@code 1e16}, {@code 5e-324}.
 */
final class JsonFloats {
    private static final MathContext ONE_DIGIT = new MathContext(1, RoundingMode.HALF_EVEN);

    /** Where plain digits end and exponents begin, as powers of ten. */
    private record PlainRange(int min, int max) {}

    private static final PlainRange F32 = new PlainRange(-6, 13);
    private static final PlainRange F64 = new PlainRange(-5, 16);

    private JsonFloats() {}

    /** Null for what JSON has no number for. */
    static @Nullable String toJson(float value) {
        if (!Float.isFinite(value)) {
            return null;
        }
        BigDecimal decimal = new BigDecimal(Float.toString(value)).stripTrailingZeros();
        BigDecimal shorter = decimal.round(ONE_DIGIT);
        boolean same = Float.compare(shorter.floatValue(), Math.abs(value) == 0 ? 0f : value) == 0;
        return format(same ? shorter : decimal, isNegativeZero(value), F32);
    }

    /** Null for what JSON has no number for. */
    static @Nullable String toJson(double value) {
        if (!Double.isFinite(value)) {
            return null;
        }
        BigDecimal decimal = new BigDecimal(Double.toString(value)).stripTrailingZeros();
        // Java never gives fewer than two digits, even where one would do.
        BigDecimal shorter = decimal.round(ONE_DIGIT);
        boolean same = Double.compare(shorter.doubleValue(), Math.abs(value) == 0 ? 0d : value) == 0;
        return format(same ? shorter : decimal, isNegativeZero(value), F64);
    }

    private static boolean isNegativeZero(double value) {
        return value == 0 && 1 / value < 0;
    }

    private static String format(BigDecimal value, boolean isNegativeZero, PlainRange plain) {
        if (value.signum() == 0) {
            return isNegativeZero ? "-0.0" : "0.0";
        }
        String sign = value.signum() < 0 ? "-" : "";
        String digits = value.unscaledValue().abs().toString();
        int pointAt = digits.length() - value.scale();
        if (pointAt > plain.max || pointAt <= plain.min) {
            String fraction = digits.length() == 1 ? "" : "." + digits.substring(1);
            return sign + digits.charAt(0) + fraction + "e" + (pointAt - 1);
        }
        if (pointAt <= 0) {
            return sign + "0." + "0".repeat(-pointAt) + digits;
        }
        if (pointAt >= digits.length()) {
            return sign + digits + "0".repeat(pointAt - digits.length()) + ".0";
        }
        return sign + digits.substring(0, pointAt) + "." + digits.substring(pointAt);
    }
}
