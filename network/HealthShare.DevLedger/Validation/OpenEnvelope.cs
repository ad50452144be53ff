using System.Security.Cryptography;
using HealthShare.Fabric.Protocol.Common;

namespace HealthShare.DevLedger.Validation;

/// <summary>An envelope with its headers read, whatever it carries; nothing is verified yet.</summary>
internal sealed record OpenEnvelope(Envelope Envelope, Payload Payload, ChannelHeader Channel, SignatureHeader Signature)
{
    private byte[]? hash;

    /// <summary>The SHA-256 hash that the creator signed.</summary>
    public byte[] SignedHash => hash ??= SHA256.HashData(Envelope.Payload.Span);
}
