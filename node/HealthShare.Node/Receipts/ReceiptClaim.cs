using System.Buffers.Text;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using HealthShare.Chaincode.Ledger;
using HealthShare.Policy.Ids;

namespace HealthShare.Node.Receipts;

/// <summary>
/// What a member's node signs for a receipt: that this transaction, with exactly these bytes, stands in this block and counts. The
/// form is fixed, and nothing that Fabric signs begins as it does, so that no signature for a receipt passes for anything else.
/// </summary>
/// <param name="Channel">Name of the channel.</param>
/// <param name="Block">Number of the block.</param>
/// <param name="HeaderHash">Hash of the block's header, base64url.</param>
/// <param name="TransactionId">Id of the transaction. It is made by its sender alone and does not cover the transaction's content.</param>
/// <param name="EnvelopeHash">SHA-256 of the transaction's envelope, base64url.</param>
/// <param name="Credential">The credential that signed, as this node's copy of the channel has it; null where none did.</param>
/// <param name="SignedAt">When the node signs, by its own clock.</param>
public sealed record ReceiptClaim(
    string Channel, ulong Block, string HeaderHash, string TransactionId, string EnvelopeHash, Credential? Credential, DateTimeOffset SignedAt)
{
    /// <summary>The bytes that are signed: lines of text, the last one the validation code.</summary>
    /// <param name="identity">The serialized identity that signs. It is covered byte by byte: a certificate in PEM says the same in many forms.</param>
    public byte[] ToBytes(ReadOnlySpan<byte> identity) => Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture,
        $"healthshare-receipt-v2\n{Base64Url.EncodeToString(SHA256.HashData(identity))}\n{Channel}\n{Block}\n{HeaderHash}\n{TransactionId}\n{EnvelopeHash}\n{CredentialHash}\n{LedgerTime.Format(SignedAt)}\nvalid"));

    private string CredentialHash => Credential is null ? "-"
        : Base64Url.EncodeToString(SHA256.HashData(JsonSerializer.SerializeToUtf8Bytes(Credential, LedgerJson.Default.Credential)));
}
