package io.pinion.store.schema;

import java.util.List;
import java.util.Locale;

/** The HTTP methods that have a tag of their own, upper case, in tag order; any other is an extension. */
public final class HttpMethods {
    public static final List<String> KNOWN =
            List.of("GET", "HEAD", "POST", "PUT", "DELETE", "CONNECT", "OPTIONS", "TRACE", "PATCH");
    /** The tag of any other method, which is followed by its name. */
    public static final int EXTENSION_TAG = KNOWN.size();

    private HttpMethods() {}

    /** The name of the method's variant: {@code Get} for {@code GET}. */
    static String variantName(String known) {
        return known.charAt(0) + known.substring(1).toLowerCase(Locale.ROOT);
    }
}
