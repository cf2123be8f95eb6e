//! What the pages of tokens show, asked of the use cases behind them.

mod statements;
