package io.pinion.bench;

import java.io.IOException;
import java.util.concurrent.CompletionStage;

/** What shares a core: quiet ones whose turns are short, and hogs whose turns are long. */
interface Neighbours extends AutoCloseable {
    /** Calls one of the quiet ones; the answer is whether the call was carried out. */
    CompletionStage<Boolean> callQuiet(int index);

    /** From now on each hog has a call that burns, and the next one when that ends, until this is closed. */
    void startBurning();

    @Override
    void close() throws IOException;
}
