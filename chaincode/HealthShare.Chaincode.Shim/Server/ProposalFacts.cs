using System.Buffers.Binary;
using System.Security.Cryptography;
using Google.Protobuf;
using Google.Protobuf.Collections;
using HealthShare.Fabric.Protocol.Common;
using HealthShare.Fabric.Protocol.Peer;

namespace HealthShare.Chaincode.Shim.Server;

/// <summary>What a transaction message says about its proposal; what few contracts ask for is read when it is asked for.</summary>
internal sealed class ProposalFacts
{
    private readonly ChaincodeInput input;
    private readonly ByteString payload;
    private readonly SignatureHeader signer;
    private readonly ulong epoch;
    private IReadOnlyDictionary<string, ReadOnlyMemory<byte>>? transient;
    private IReadOnlyDictionary<string, ReadOnlyMemory<byte>>? decorations;
    private byte[]? binding;

    private ProposalFacts(SignedProposal signed, ChaincodeInput input, Proposal proposal, ChannelHeader channel, SignatureHeader signer)
    {
        (SignedProposal, this.input, payload, this.signer, epoch) = (signed, input, proposal.Payload, signer, channel.Epoch);
        var arguments = new ReadOnlyMemory<byte>[input.Args.Count];
        for (var i = 0; i < arguments.Length; i++)
            arguments[i] = input.Args[i].Memory;
        Arguments = arguments;
        ProposedAt = channel.Timestamp.ToDateTimeOffset();
    }

    public IReadOnlyList<ReadOnlyMemory<byte>> Arguments { get; }

    public DateTimeOffset ProposedAt { get; }

    public SignedProposal SignedProposal { get; }

    public ReadOnlyMemory<byte> Creator => signer.Creator.Memory;

    /// <exception cref="ContractException"><c>proposal.invalid</c>: the proposal's payload is malformed.</exception>
    public IReadOnlyDictionary<string, ReadOnlyMemory<byte>> Transient => transient ??= Parts(ReadTransient());

    public IReadOnlyDictionary<string, ReadOnlyMemory<byte>> Decorations => decorations ??= Parts(input.Decorations);

    public ReadOnlyMemory<byte> Binding => binding ??= Bind();

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
            var signer = SignatureHeader.Parser.ParseFrom(header.SignatureHeader);
            if (channel.Timestamp is null)
                throw Invalid("The proposal holds no timestamp.");
            return new ProposalFacts(message.Proposal, input, proposal, channel, signer);
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

    /// <summary>The binding of a proposal by its nonce, creator and epoch.</summary>
    public static byte[] Bind(ReadOnlySpan<byte> nonce, ReadOnlySpan<byte> creator, ulong epoch)
    {
        Span<byte> number = stackalloc byte[sizeof(ulong)];
        BinaryPrimitives.WriteUInt64LittleEndian(number, epoch);
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(nonce);
        hash.AppendData(creator);
        hash.AppendData(number);
        return hash.GetHashAndReset();
    }

    private byte[] Bind() => Bind(signer.Nonce.Span, signer.Creator.Span, epoch);

    private MapField<string, ByteString> ReadTransient()
    {
        try
        {
            return ChaincodeProposalPayload.Parser.ParseFrom(payload).TransientMap;
        }
        catch (InvalidProtocolBufferException e)
        {
            throw Invalid("The proposal's payload is malformed.", e);
        }
    }

    private static Dictionary<string, ReadOnlyMemory<byte>> Parts(MapField<string, ByteString> map)
    {
        var parts = new Dictionary<string, ReadOnlyMemory<byte>>(map.Count, StringComparer.Ordinal);
        foreach (var (name, value) in map)
            parts.Add(name, value.Memory);
        return parts;
    }

    private static ContractException Invalid(string text, Exception? inner = null) => new("proposal.invalid", text, inner);
}
