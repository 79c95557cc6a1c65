package io.pinion.store.query;

import io.pinion.store.query.SqlToken.Kind;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;

/** Cuts SQL text into tokens. Names keep their case, quoted or not. */
final class SqlLexer {
    private static final List<String> LONG_SYMBOLS = List.of("<=", ">=", "<>", "!=", "::", "||");
    private static final String SHORT_SYMBOLS = "(),.*=<>+-/%;[]{}^&|~#@?:!";

    private final String text;
    private final List<SqlToken> tokens = new ArrayList<>();
    private int at;

    private SqlLexer(String text) {
        this.text = text;
    }

    /** All tokens, the last of them {@link Kind#END}. */
    static List<SqlToken> tokens(String text) {
        SqlLexer lexer = new SqlLexer(text);
        lexer.run();
        return lexer.tokens;
    }

    private void run() {
        skipBlanks();
        while (at < text.length()) {
            next();
            skipBlanks();
        }
        add(Kind.END, "", at);
    }

    private void next() {
        int start = at;
        char c = text.charAt(at);
        if (c == '\'') {
            add(Kind.STRING, quoted('\'', "string"), start);
        } else if (c == '"') {
            add(Kind.QUOTED_NAME, quotedName(), start);
        } else if ((c == 'x' || c == 'X') && peek(1) == '\'') {
            at++;
            add(Kind.HEX, hexDigits(quoted('\'', "hex string"), start), start);
        } else if ((c == 'e' || c == 'E' || c == 'b' || c == 'B') && peek(1) == '\'') {
            throw new SqlException((c + "''").toUpperCase(Locale.ROOT) + " strings are not supported", start);
        } else if (isNameStart(c)) {
            add(Kind.WORD, name(), start);
        } else if (c == '0' && (peek(1) == 'x' || peek(1) == 'X')) {
            hexNumber(start);
        } else if (isDigit(c) || (c == '.' && isDigit(peek(1)))) {
            number(start);
        } else if (c == ':' && isNameStart(peek(1))) {
            at++;
            add(Kind.PARAMETER, name(), start);
        } else if (c == '$') {
            throw new SqlException("parameters other than :sender are not supported", start);
        } else {
            symbol(start);
        }
    }

    private String quotedName() {
        int start = at;
        String name = quoted('"', "name");
        if (name.isEmpty()) {
            throw new SqlException("a name may not be empty", start);
        }
        return name;
    }

    /** Reads up to the closing quote; a doubled quote stands for one. */
    private String quoted(char quote, String what) {
        int start = at++;
        StringBuilder content = new StringBuilder();
        while (at < text.length()) {
            char c = text.charAt(at++);
            if (c != quote) {
                content.append(c);
            } else if (peek(0) == quote) {
                content.append(quote);
                at++;
            } else {
                return content.toString();
            }
        }
        throw new SqlException("the " + what + " has no closing " + quote, start);
    }

    private static String hexDigits(String digits, int start) {
        if (!digits.chars().allMatch(HexFormat::isHexDigit)) {
            throw new SqlException("X'" + digits + "' has other than hex digits", start);
        }
        return digits;
    }

    private String name() {
        int start = at;
        while (at < text.length() && isNamePart(text.charAt(at))) {
            at++;
        }
        return text.substring(start, at);
    }

    private void hexNumber(int start) {
        at += 2;
        while (HexFormat.isHexDigit(peek(0))) {
            at++;
        }
        requireEndOfNumber(start);
        if (at == start + 2) {
            throw new SqlException("0x has no digits", start);
        }
        add(Kind.HEX, "0x" + text.substring(start + 2, at), start);
    }

    private void number(int start) {
        skipDigits();
        if (peek(0) == '.') {
            at++;
            skipDigits();
        }
        if (peek(0) == 'e' || peek(0) == 'E') {
            at += peek(1) == '+' || peek(1) == '-' ? 2 : 1;
            if (!isDigit(peek(0))) {
                throw new SqlException("the number has no digits in its exponent", start);
            }
            skipDigits();
        }
        requireEndOfNumber(start);
        add(Kind.NUMBER, text.substring(start, at), start);
    }

    private void requireEndOfNumber(int start) {
        if (isNamePart(peek(0))) {
            throw new SqlException("a number may not run into a name: " + text.substring(start, at + 1), start);
        }
    }

    private void skipDigits() {
        while (isDigit(peek(0))) {
            at++;
        }
    }

    private void symbol(int start) {
        for (String symbol : LONG_SYMBOLS) {
            if (text.startsWith(symbol, at)) {
                at += symbol.length();
                add(Kind.SYMBOL, symbol, start);
                return;
            }
        }
        char c = text.charAt(at++);
        if (SHORT_SYMBOLS.indexOf(c) < 0) {
            throw new SqlException("unexpected character " + Character.getName(c), start);
        }
        add(Kind.SYMBOL, String.valueOf(c), start);
    }

    private void skipBlanks() {
        while (at < text.length()) {
            if (Character.isWhitespace(text.charAt(at))) {
                at++;
            } else if (text.startsWith("--", at)) {
                int end = text.indexOf('\n', at);
                at = end < 0 ? text.length() : end + 1;
            } else if (text.startsWith("/*", at)) {
                skipBlockComment();
            } else {
                return;
            }
        }
    }

    /** Comments nest, as they do in PostgreSQL. */
    private void skipBlockComment() {
        int start = at;
        int open = 0;
        do {
            if (text.startsWith("/*", at)) {
                open++;
                at += 2;
            } else if (text.startsWith("*/", at)) {
                open--;
                at += 2;
            } else {
                at++;
            }
            if (at >= text.length() && open > 0) {
                throw new SqlException("the comment has no closing */", start);
            }
        } while (open > 0);
    }

    private char peek(int ahead) {
        return at + ahead < text.length() ? text.charAt(at + ahead) : '\0';
    }

    private void add(Kind kind, String content, int position) {
        tokens.add(new SqlToken(kind, content, position));
    }

    private static boolean isDigit(char c) {
        return c >= '0' && c <= '9';
    }

    private static boolean isNameStart(char c) {
        return c == '_' || Character.isLetter(c) || Character.isSurrogate(c);
    }

    private static boolean isNamePart(char c) {
        return isNameStart(c) || Character.isDigit(c);
    }
}
