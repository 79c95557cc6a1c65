package io.pinion.store.schema;

import java.text.BreakIterator;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

/**
 * Conversion between the spellings of names. A name is split into words by its user-perceived characters: {@code _},
 * {@code -} and space separate words and vanish; a word also begins where lower case meets upper, where letters meet
 * ASCII digits, and at the last of several upper-case letters before a lower-case one ({@code HTTPServer}).
 */
final class CaseConversion {
    private enum Kind {
        UPPER,
        LOWER,
        DIGIT,
        SEPARATOR,
        OTHER
    }

    private CaseConversion() {}

    static String snake(String name) {
        return words(name).stream().map(word -> word.toLowerCase(Locale.ROOT)).collect(Collectors.joining("_"));
    }

    static String camel(String name) {
        List<String> words = words(name);
        StringBuilder camel = new StringBuilder();
        for (String word : words) {
            camel.append(camel.isEmpty() ? word.toLowerCase(Locale.ROOT) : capitalise(word));
        }
        return camel.toString();
    }

    static String pascal(String name) {
        return words(name).stream().map(CaseConversion::capitalise).collect(Collectors.joining());
    }

    private static String capitalise(String word) {
        int rest = word.offsetByCodePoints(0, 1);
        return word.substring(0, rest).toUpperCase(Locale.ROOT)
                + word.substring(rest).toLowerCase(Locale.ROOT);
    }

    private static List<String> words(String name) {
        List<String> characters = characters(name);
        List<Kind> kinds = characters.stream().map(CaseConversion::kind).toList();
        List<String> words = new ArrayList<>();
        StringBuilder word = new StringBuilder();
        for (int i = 0; i < characters.size(); i++) {
            boolean isSeparator = kinds.get(i) == Kind.SEPARATOR;
            if (!word.isEmpty() && (isSeparator || beginsWord(kinds, i))) {
                words.add(word.toString());
                word.setLength(0);
            }
            if (!isSeparator) {
                word.append(characters.get(i));
            }
        }
        if (!word.isEmpty()) {
            words.add(word.toString());
        }
        return words;
    }

    private static boolean beginsWord(List<Kind> kinds, int at) {
        Kind current = kinds.get(at);
        return switch (kinds.get(at - 1)) {
            case LOWER -> current == Kind.UPPER || current == Kind.DIGIT;
            case DIGIT -> current == Kind.UPPER || current == Kind.LOWER;
            case UPPER -> current == Kind.DIGIT || (current == Kind.UPPER && isLower(kinds, at + 1));
            case SEPARATOR, OTHER -> false;
        };
    }

    private static boolean isLower(List<Kind> kinds, int at) {
        return at < kinds.size() && kinds.get(at) == Kind.LOWER;
    }

    private static Kind kind(String character) {
        if (character.equals("_") || character.equals("-") || character.equals(" ")) {
            return Kind.SEPARATOR;
        }
        if (character.length() == 1 && character.charAt(0) >= '0' && character.charAt(0) <= '9') {
            return Kind.DIGIT;
        }
        String upper = character.toUpperCase(Locale.ROOT);
        String lower = character.toLowerCase(Locale.ROOT);
        if (upper.equals(lower)) {
            return Kind.OTHER;
        }
        if (character.equals(upper)) {
            return Kind.UPPER;
        }
        return character.equals(lower) ? Kind.LOWER : Kind.OTHER;
    }

    /** Splits into extended grapheme clusters. */
    private static List<String> characters(String name) {
        BreakIterator breaks = BreakIterator.getCharacterInstance(Locale.ROOT);
        breaks.setText(name);
        List<String> characters = new ArrayList<>();
        int start = breaks.first();
        for (int end = breaks.next(); end != BreakIterator.DONE; end = breaks.next()) {
            characters.add(name.substring(start, end));
            start = end;
        }
        return characters;
    }
}
