package io.pinion.modules.js;

import io.pinion.modules.RunawayContract;
import io.pinion.store.value.Bytes;

/** The contract on runaways, held against JavaScript. */
class JsRunawayTest extends RunawayContract {
    @Override
    protected Bytes runawayProgram() {
        return Bytes.wrap(Resources.bytes("/io/pinion/modules/js/runaways.js"));
    }
}
