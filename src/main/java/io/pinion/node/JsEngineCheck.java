package io.pinion.node;

import io.pinion.modules.js.JsEngine;
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
        try {
            JsEngine.warmUp();
        } catch (RuntimeException | Error e) {
            LOG.error("JavaScript modules will not work on this node", e);
        }
    }
}
