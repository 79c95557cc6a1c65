package io.pinion.store.schema;

import java.text.Normalizer;

/**
 * What may be the name of something: not empty, in Unicode normalisation form C, the first character {@code _} or
 * XID_Start, the others XID_Continue, by the Unicode data of the JDK.
 */
final class Identifiers {
    /** Far beyond any real name; keeps generated names, which join several, within bounds. */
    static final int LENGTH_MAX = 4_096;

    private Identifiers() {}

    /** Adds what is wrong with the name, if anything, to the errors. */
    static void check(String name, String what, Errors errors) {
        String wrong = problem(name);
        if (!wrong.isEmpty()) {
            errors.add("the " + what + " " + Errors.quote(name) + " " + wrong);
        }
    }

    /** Empty if the name is an identifier. */
    static String problem(String name) {
        if (name.isEmpty()) {
            return "is empty";
        }
        if (name.length() > LENGTH_MAX) {
            return "is longer than " + LENGTH_MAX + " characters";
        }
        if (!Normalizer.isNormalized(name, Normalizer.Form.NFC)) {
            return "is not in Unicode normalisation form C";
        }
        int first = name.codePointAt(0);
        if (first != '_' && !isXidStart(first)) {
            return "begins with " + describe(first) + ", which cannot begin an identifier";
        }
        return name.codePoints()
                .skip(1)
                .filter(character -> !isXidContinue(character))
                .mapToObj(character -> "contains " + describe(character) + ", which cannot be part of an identifier")
                .findFirst()
                .orElse("");
    }

    private static String describe(int codePoint) {
        return "U+%04X".formatted(codePoint);
    }

    private static boolean isXidStart(int codePoint) {
        if (codePoint < 0x80) {
            return Character.isLetter(codePoint);
        }
        String folded = compatibilityForm(codePoint);
        int first = folded.codePointAt(0);
        return Character.isUnicodeIdentifierStart(codePoint)
                && Character.isUnicodeIdentifierStart(first)
                && folded.codePoints().skip(1).allMatch(Identifiers::isIdContinue);
    }

    private static boolean isXidContinue(int codePoint) {
        if (codePoint < 0x80) {
            return codePoint == '_' || Character.isLetterOrDigit(codePoint);
        }
        return isIdContinue(codePoint)
                && compatibilityForm(codePoint).codePoints().allMatch(Identifiers::isIdContinue);
    }

    /** XID is ID closed under this form (Unicode Standard Annex 31, section 5.1): characters that leave ID are out. */
    private static String compatibilityForm(int codePoint) {
        return Normalizer.normalize(Character.toString(codePoint), Normalizer.Form.NFKC);
    }

    private static boolean isIdContinue(int codePoint) {
        return Character.isUnicodeIdentifierPart(codePoint) && !Character.isIdentifierIgnorable(codePoint);
    }
}
