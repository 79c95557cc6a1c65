package io.pinion.store.query;

import java.util.Locale;

/**
 * A piece of SQL text.
 *
 * @param text of names and strings without quotes, of hex without {@code X''} but with {@code 0x}, of all else as written
 * @param position index of its first character in the text
 */
record SqlToken(Kind kind, String text, int position) {
    enum Kind {
        /** Unquoted: a keyword or a name. */
        WORD,
        QUOTED_NAME,
        STRING,
        NUMBER,
        HEX,
        /** {@code :name}; the text is without the colon. */
        PARAMETER,
        SYMBOL,
        END
    }

    boolean isWord(String keyword) {
        return kind == Kind.WORD && text.equalsIgnoreCase(keyword);
    }

    boolean isSymbol(String symbol) {
        return kind == Kind.SYMBOL && text.equals(symbol);
    }

    String upperCase() {
        return text.toUpperCase(Locale.ROOT);
    }

    String describe() {
        return switch (kind) {
            case END -> "the end of the text";
            case STRING -> "the string '" + text + "'";
            case QUOTED_NAME -> "the name \"" + text + '"';
            case PARAMETER -> "the parameter :" + text;
            case WORD, NUMBER, HEX, SYMBOL -> text;
        };
    }
}
