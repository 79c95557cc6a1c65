package io.pinion.modules.js;

import org.jspecify.annotations.Nullable;

/** Where the positions that the engine reports lie in what the author wrote. */
interface ScriptNames {
    /** The name that modules run under. */
    String MODULE = "spacetimedb_module";

    /** The author's position, or null if it is the host's own code, which no trace shows. */
    @Nullable
    Place place(String file, int line, int column);

    /** A position, both numbers from 1. */
    record Place(String file, int line, int column) {
        @Override
        public String toString() {
            return file + ":" + line + ":" + column;
        }
    }
}
