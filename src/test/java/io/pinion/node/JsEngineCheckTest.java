package io.pinion.node;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import io.pinion.modules.js.JsEngine;
import java.time.Duration;
import java.util.Iterator;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;

class JsEngineCheckTest {
    private final Logger logger = (Logger) LoggerFactory.getLogger(JsEngineCheck.class);
    private final ListAppender<ILoggingEvent> log = new ListAppender<>();

    @BeforeEach
    void listen() {
        log.start();
        logger.addAppender(log);
        logger.setAdditive(false);
    }

    @AfterEach
    void stop() {
        logger.detachAppender(log);
        logger.setAdditive(true);
    }

    private void failAfter(Duration time) {
        Iterator<Long> clock = List.of(7L, 7L + time.toNanos()).iterator();
        JsEngineCheck.warm(
                () -> {
                    throw new IllegalStateException("the module was stopped");
                },
                clock::next);
    }

    private String said(Level level) {
        assertEquals(
                List.of(level), log.list.stream().map(ILoggingEvent::getLevel).toList());
        return log.list.getFirst().getFormattedMessage();
    }

    @Test
    void aMachineThatWasTooBusyIsSaidToBeSlowAndNoMore() {
        failAfter(JsEngine.LOAD_TIME_MAX);

        String said = said(Level.WARN);
        assertTrue(said.contains("not warm after 30 s") && said.contains("will take long"), said);
    }

    @Test
    void anEngineThatFailsAtOnceIsSaidToBeInDoubt() {
        failAfter(Duration.ofSeconds(3));

        String said = said(Level.ERROR);
        assertTrue(said.contains("may not work on this node"), said);
    }

    @Test
    void nothingIsSaidWhenAllIsWell() {
        JsEngineCheck.warm(() -> {}, System::nanoTime);

        assertEquals(List.of(), log.list);
    }
}
