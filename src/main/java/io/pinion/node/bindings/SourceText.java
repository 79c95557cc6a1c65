package io.pinion.node.bindings;

import java.util.regex.Pattern;

/** How things are spelt in TypeScript. */
final class SourceText {
    private static final Pattern PLAIN_KEY = Pattern.compile("[A-Za-z_$][A-Za-z0-9_$]*");

    private SourceText() {}

    /** A string literal. */
    static String literal(String text) {
        StringBuilder literal = new StringBuilder("'");
        text.chars().forEach(character -> {
            if (character == '\'' || character == '\\') {
                literal.append('\\').append((char) character);
            } else if (character < ' ' || character == '\u2028' || character == '\u2029') {
                literal.append(String.format("\\u%04x", character));
            } else {
                literal.append((char) character);
            }
        });
        return literal.append('\'').toString();
    }

    /** A key of an object literal; one name would be its prototype. */
    static String key(String name) {
        if (name.equals("__proto__")) {
            return "['__proto__']";
        }
        return typeKey(name);
    }

    /** A property's name in a type, where none is the prototype. */
    static String typeKey(String name) {
        return PLAIN_KEY.matcher(name).matches() ? name : literal(name);
    }

    /** Lines of an object or array literal, between its brackets. */
    static String indented(String text) {
        return text.indent(2).stripTrailing();
    }
}
