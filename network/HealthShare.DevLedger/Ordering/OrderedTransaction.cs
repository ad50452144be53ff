using Google.Protobuf;
using HealthShare.DevLedger.Validation;

namespace HealthShare.DevLedger.Ordering;

/// <summary>A transaction on its way into a block.</summary>
/// <param name="Envelope">Its bytes, as they will stand in the block.</param>
/// <param name="Transaction">
/// What these bytes hold, where that was read already and is well formed; null leaves it to whoever validates.
/// </param>
internal readonly record struct OrderedTransaction(ByteString Envelope, EndorserTransaction? Transaction = null);
