package io.pinion.node;

import io.pinion.modules.js.JsEngine;
import java.time.Duration;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Starts and warms the JavaScript engine beside the node, and says so if it will be slow. */
final class JsEngineCheck {
    private static final Logger LOG = LoggerFactory.getLogger(JsEngineCheck.class);

    private JsEngineCheck() {}

    /** Returns at once; the engine takes seconds of CPU in the background. */
    static void start() {
        Thread.ofPlatform().name("pinion-js-engine-check").daemon().start(JsEngineCheck::check);
    }

    private static void check() {
        if (JsEngine.isCompiling()) {
            LOG.debug("JavaScript runs compiled, on {}", JsEngine.description());
        } else {
            LOG.warn(
                    "JavaScript runs interpreted, 20 to 50 times slower than it could: this JVM was started without the"
                            + " flags in conf/jvm.options and the Graal compiler in lib/graal. Start it with the pinion script.");
        }
        warm(JsEngine::warmUp, System::nanoTime);
    }

    /** A machine that is busy with other things says nothing of the engine. */
    static void warm(Runnable warmUp, LongSupplier nanoTime) {
        long began = nanoTime.getAsLong();
        try {
            warmUp.run();
        } catch (RuntimeException | Error e) {
            Duration elapsed = Duration.ofNanos(nanoTime.getAsLong() - began);
            if (elapsed.compareTo(JsEngine.LOAD_TIME_MAX) >= 0) {
                LOG.warn(
                        "JavaScript was not warm after {} s, so this machine is slow or busy: the first modules in"
                                + " JavaScript will take long here, and one that is not loaded within {} s is refused",
                        elapsed.toSeconds(),
                        JsEngine.LOAD_TIME_MAX.toSeconds());
            } else {
                LOG.error("JavaScript failed to warm up: its modules may not work on this node", e);
            }
        }
    }
}
