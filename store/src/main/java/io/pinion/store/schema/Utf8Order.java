package io.pinion.store.schema;

import java.util.Comparator;

/** Orders strings by their UTF-8 bytes, which is by code point; Java's own order is by UTF-16 unit. */
enum Utf8Order implements Comparator<String> {
    INSTANCE;

    @Override
    public int compare(String left, String right) {
        int end = Math.min(left.length(), right.length());
        for (int i = 0; i < end; i++) {
            char a = left.charAt(i);
            char b = right.charAt(i);
            if (a != b) {
                boolean isSurrogatePairInvolved = Character.isSurrogate(a) != Character.isSurrogate(b);
                return isSurrogatePairInvolved ? (Character.isSurrogate(a) ? 1 : -1) : Character.compare(a, b);
            }
        }
        return Integer.compare(left.length(), right.length());
    }
}
