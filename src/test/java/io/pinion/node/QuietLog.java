package io.pinion.node;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.BeforeEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.slf4j.LoggerFactory;

/** For tests whose databases fail by the hundred, each with a line and a trace in the log: those lines are left out. */
final class QuietLog implements BeforeEachCallback, AfterEachCallback {
    private static final List<String> LOGGERS =
            List.of("io.pinion.actors", "io.pinion.journal", "org.apache.pekko", "com.zaxxer.hikari");

    private final Map<String, @Nullable Level> before = new HashMap<>();

    private static Logger logger(String name) {
        return (Logger) LoggerFactory.getLogger(name);
    }

    @Override
    public void beforeEach(ExtensionContext context) {
        LOGGERS.forEach(name -> {
            before.put(name, logger(name).getLevel());
            logger(name).setLevel(Level.OFF);
        });
    }

    @Override
    public void afterEach(ExtensionContext context) {
        before.forEach((name, level) -> logger(name).setLevel(level));
    }
}
