using Google.Protobuf;
using HealthShare.Fabric.Protocol.Common;
using HealthShare.Fabric.Protocol.Peer;

namespace HealthShare.Chaincode.Shim.Server;

/// <summary>What a transaction message says about its proposal.</summary>
/// <param name="Arguments">Function name and arguments.</param>
/// <param name="Creator">Serialized identity that signed the proposal.</param>
/// <param name="ProposedAt">The proposal's timestamp.</param>
/// <param name="Transient">The transient map.</param>
internal sealed record ProposalFacts(
    IReadOnlyList<ReadOnlyMemory<byte>> Arguments, ReadOnlyMemory<byte> Creator, DateTimeOffset ProposedAt,
    IReadOnlyDictionary<string, ReadOnlyMemory<byte>> Transient);

internal static class ProposalReader
{
    /// <summary>Reads a TRANSACTION or INIT message. The peer has verified the proposal's signature.</summary>
    /// <exception cref="ContractException"><c>proposal.invalid</c>: a part is missing or malformed.</exception>
    public static ProposalFacts Read(ChaincodeMessage message)
    {
        if (message.Proposal is null)
            throw Invalid("The message holds no proposal.");
        try
        {
            var input = ChaincodeInput.Parser.ParseFrom(message.Payload);
            var proposal = Proposal.Parser.ParseFrom(message.Proposal.ProposalBytes);
            var header = Header.Parser.ParseFrom(proposal.Header);
            var channel = ChannelHeader.Parser.ParseFrom(header.ChannelHeader);
            var creator = SignatureHeader.Parser.ParseFrom(header.SignatureHeader).Creator;
            var payload = ChaincodeProposalPayload.Parser.ParseFrom(proposal.Payload);
            if (channel.Timestamp is null)
                throw Invalid("The proposal holds no timestamp.");
            return new ProposalFacts(
                [.. input.Args.Select(argument => argument.Memory)],
                creator.Memory,
                channel.Timestamp.ToDateTimeOffset(),
                payload.TransientMap.ToDictionary(entry => entry.Key, entry => entry.Value.Memory, StringComparer.Ordinal));
        }
        catch (InvalidProtocolBufferException e)
        {
            throw Invalid("The proposal is malformed.", e);
        }
        catch (Exception e) when (e is InvalidOperationException or ArgumentOutOfRangeException)
        {
            throw Invalid("The proposal's timestamp is out of range.", e);
        }
    }

    private static ContractException Invalid(string text, Exception? inner = null) => new("proposal.invalid", text, inner);
}
