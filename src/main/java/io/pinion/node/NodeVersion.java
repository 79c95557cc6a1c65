package io.pinion.node;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Properties;

/** The version of this build. */
public final class NodeVersion {
    private static final String CURRENT = read();

    private NodeVersion() {}

    public static String current() {
        return CURRENT;
    }

    private static String read() {
        try (InputStream file = NodeVersion.class.getResourceAsStream("/pinion-version.properties")) {
            if (file == null) {
                throw new IllegalStateException("pinion-version.properties is not on the class path");
            }
            Properties properties = new Properties();
            properties.load(file);
            return properties.getProperty("version");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
