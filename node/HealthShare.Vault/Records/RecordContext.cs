namespace HealthShare.Vault.Records;

/// <summary>What a sealed record is bound to: the same ciphertext under another record id or channel does not open.</summary>
/// <param name="Channel">Name of the Fabric channel, such as <c>health</c>.</param>
/// <param name="RecordId">The record's id on the ledger, <c>rc-…</c>.</param>
public sealed record RecordContext(string Channel, string RecordId)
{
    /// <summary>The associated data: <c>healthshare-record-context-v1\n</c> + channel + <c>\n</c> + record id, in UTF-8.</summary>
    /// <exception cref="ArgumentException">The channel's name holds a line feed.</exception>
    public byte[] ToBytes() => Channel.Contains('\n', StringComparison.Ordinal)
        ? throw new ArgumentException("A channel's name holds no line feed.")
        : VaultLabel.Bytes($"healthshare-record-context-v1\n{Channel}\n{RecordId}");
}
