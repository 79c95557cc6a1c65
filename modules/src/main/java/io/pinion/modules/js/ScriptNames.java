package io.pinion.modules.js;

import org.jspecify.annotations.Nullable;

/** Where the positions that the engine reports lie in what was published, and where in what the author wrote. */
interface ScriptNames {
    /** The name that modules run under. */
    String MODULE = "spacetimedb_module";

    /** The position in what was published, or null if it is the host's own code, which no trace shows. */
    @Nullable
    Place place(String file, int line, int column);

    /** The author's position behind one in what was published: the same, unless a source map tells of another. */
    Place original(Place published);

    /** A position, both numbers from 1. */
    record Place(String file, int line, int column) {
        @Override
        public String toString() {
            return file + ":" + line + ":" + column;
        }
    }
}
