using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using HealthShare.Policy.Ids;
using HealthShare.Vault.Keys;
using HealthShare.Vault.Records;

namespace HealthShare.Node.Content.Parts;

/// <summary>What a record's parts are called and how they are sealed. All of it follows from the whole, so that nothing about parts is kept or sent apart.</summary>
internal static class RecordParts
{
    /// <summary>Most parts of one record: it is registered with them in one transaction, which takes 100 records.</summary>
    public const int Most = 99;

    /// <summary>The id of a part: the same whenever the record is made anew, so that a repetition makes no second one.</summary>
    /// <param name="recordId">The whole.</param>
    /// <param name="number">The part, from 1.</param>
    public static string IdOf(string recordId, int number) => LedgerId.From(IdKind.Record, SHA256.HashData(Encoding.UTF8.GetBytes(
        string.Create(CultureInfo.InvariantCulture, $"healthshare-record-part-v1\n{recordId}\n{number}"))).AsSpan(0, 16));

    /// <summary>
    /// The key of a part: whoever has the whole's key has it, and nobody else; it goes where that goes. Nobody can be given a part alone.
    /// </summary>
    public static SecretKey KeyOf(SecretKey whole, string partId) => whole.Derive($"record-part\n{partId}");

    /// <summary>The salt of the commitment to a part's key.</summary>
    public static byte[] SaltOf(SecretKey whole, string partId)
    {
        using var derived = whole.Derive($"record-part-salt\n{partId}");
        return derived.Bytes[..RecordKeyCommitment.SaltSize].ToArray();
    }
}
