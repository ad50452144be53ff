namespace HealthShare.DevLedger;

/// <summary>
/// The state directory holds something that this ledger did not write so. Nothing was changed: an incomplete last frame is cut
/// off when a ledger is opened, anything else is reported by this exception.
/// </summary>
/// <param name="message">What is wrong, with the file or the block.</param>
/// <param name="inner">What was found beneath, if anything.</param>
public sealed class LedgerCorruptException(string message, Exception? inner = null) : Exception(message, inner);
