using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using Google.Protobuf;
using HealthShare.Fabric.Client.Peers;
using HealthShare.Fabric.Protocol.Gateway;
using HealthShare.Fabric.Protocol.Grpc;
using HealthShare.Fabric.Protocol.Peer;
using RpcStatus = HealthShare.Fabric.Protocol.Rpc.Status;

namespace HealthShare.Fabric.Client;

/// <summary>Reads what a gateway says of a failure.</summary>
internal static partial class LedgerErrors
{
    private const int LongestCode = 100;

    /// <summary>The gateway's refusal, or the transport's failure, of a call at some stage.</summary>
    /// <param name="stage">The stage.</param>
    /// <param name="transactionId">Its transaction.</param>
    /// <param name="e">What failed.</param>
    /// <param name="isFirstAttempt">Whether nobody was asked before: the refusal of a submit then is the last word on it.</param>
    public static LedgerException From(LedgerStage stage, string transactionId, RpcException e, bool isFirstAttempt = false)
    {
        var peers = PeerErrors(e.StatusDetails);
        foreach (var text in peers.Select(peer => peer.Message).Append(e.Detail))
        {
            if (ChaincodeResponse().Match(text) is { Success: true } match)
            {
                var (code, message) = SplitCode(match.Groups["text"].Value);
                return new LedgerException(stage, transactionId, code, $"{stage} refused by the chaincode: {message}", e)
                {
                    Status = e.Status,
                    PeerErrors = peers,
                    ChaincodeMessage = message,
                    ChaincodeStatus = int.Parse(match.Groups["status"].Value, CultureInfo.InvariantCulture),
                };
            }
        }
        var said = string.Join("; ", peers.Select(peer => $"{peer.MspId}: {peer.Message}"));
        return new LedgerException(
            stage, transactionId, CodeOf(e, peers), $"{stage} failed: {e.Detail}{(said.Length > 0 ? $" ({said})" : "")}", e)
        {
            Status = e.Status,
            PeerErrors = peers,
            // Not Aborted: of a submit it says that the orderer asked last refused it, after others may have taken it.
            IsRefusal = isFirstAttempt && e.Origin is RpcOrigin.Answer && e.Status is StatusCode.InvalidArgument
                or StatusCode.FailedPrecondition or StatusCode.PermissionDenied or StatusCode.Unauthenticated or StatusCode.Unimplemented,
        };
    }

    /// <summary>A call that no gateway peer served.</summary>
    /// <param name="stage">Its stage.</param>
    /// <param name="transactionId">Its transaction.</param>
    /// <param name="failures">What each peer that was asked failed of; one at least.</param>
    public static LedgerException From(LedgerStage stage, string transactionId, IReadOnlyList<PeerFailure> failures)
    {
        // An answer tells more than silence, and what no waiting cures more than what may pass.
        var telling = failures.MaxBy(failure => failure.Error.Origin switch
        {
            RpcOrigin.Answer => 4,
            RpcOrigin.ExpiredCertificate => 3,
            RpcOrigin.Tls => 2,
            RpcOrigin.Deadline => 1,
            _ => 0,
        })!;
        var said = string.Join("; ", failures.Select(failure => $"{failure.Peer.Name}: {failure.Error.Detail}"));
        return new LedgerException(stage, transactionId, CodeOf(telling.Error, PeerErrors(telling.Error.StatusDetails)), $"{stage} failed: {said}", telling.Error)
        {
            Status = telling.Error.Status,
            PeerErrors =
            [
                .. failures.SelectMany(failure => PeerErrors(failure.Error.StatusDetails)),
                .. failures.Select(failure => new PeerError(
                    failure.Peer.Address.Authority, failure.Peer.MspId ?? "", failure.Error.Detail)),
            ],
        };
    }

    /// <summary>A call that was not made, because every peer has failed lately and none is due to be asked again.</summary>
    public static LedgerException NobodyToAsk(LedgerStage stage, string transactionId, IReadOnlyList<GatewayPeer> peers)
    {
        if (peers.Count == 0)
        {
            return new LedgerException(stage, transactionId, LedgerCodes.NotReady,
                $"{stage}: none of the gateway peers belongs to an organization that may see the transient data.");
        }
        var errors = peers.Where(peer => peer.LastError is not null)
            .Select(peer => new PeerFailure(peer, peer.LastError!)).ToList();
        return errors.Count > 0
            ? From(stage, transactionId, errors)
            : new LedgerException(stage, transactionId, LedgerCodes.Unavailable, $"{stage}: no gateway peer can be asked now.");
    }

    /// <summary>A chaincode's own answer with an error status.</summary>
    public static LedgerException FromResponse(LedgerStage stage, string transactionId, Response response)
    {
        var (code, message) = SplitCode(response.Message);
        return new LedgerException(stage, transactionId, code, $"{stage} refused by the chaincode: {message}")
        {
            ChaincodeMessage = message,
            ChaincodeStatus = response.Status,
        };
    }

    /// <summary>A wait for a block that was over before it began.</summary>
    public static LedgerException NoTimeLeft(string transactionId) =>
        new(LedgerStage.CommitStatus, transactionId, LedgerCodes.Timeout, "CommitStatus: no time was left to wait for the transaction's block.");

    /// <summary>An outcome that could not be learned in time, whatever the last attempt at it failed of.</summary>
    public static LedgerException StillUnknown(LedgerException last) =>
        last.MayHaveCommitted
            ? last
            : new LedgerException(LedgerStage.CommitStatus, last.TransactionId, LedgerCodes.Unknown,
                $"Whether the transaction committed could not be learned in time: {last.Message}", last)
            {
                PeerErrors = last.PeerErrors,
            };

    /// <summary>An idempotency key that was used for another request before.</summary>
    public static LedgerException KeyReused(string key) =>
        new(LedgerStage.Endorse, "", LedgerCodes.KeyReused, $"The idempotency key '{key}' belongs to another request.");

    /// <summary>An invalid transaction in a block.</summary>
    public static LedgerException Invalid(string transactionId, TxValidationCode code, ulong block)
    {
        var name = SnakeCase(code.ToString());
        return new LedgerException(
            LedgerStage.Commit, transactionId, $"commit.{name}", $"The transaction is in block {block} as invalid: {name}.")
        {
            ValidationCode = code,
        };
    }

    /// <summary>A gateway's answer that cannot be used.</summary>
    public static LedgerException BadAnswer(LedgerStage stage, string transactionId, string what, Exception? inner = null) =>
        new(stage, transactionId, LedgerCodes.BadAnswer, $"{stage}: {what}", inner);

    // Peers say some things in words only; the status is that of any other refusal.
    private static string CodeOf(RpcException e, List<PeerError> peers) => e.Origin switch
    {
        RpcOrigin.Tls => LedgerCodes.Tls,
        RpcOrigin.ExpiredCertificate => LedgerCodes.CertificateExpired,
        _ when PeerFailure.IsTooLarge(e) => LedgerCodes.TooLarge,
        _ when PeerFailure.IsBusy(e) => LedgerCodes.Busy,
        _ when PeerFailure.IsAtWork(e) => LedgerCodes.Timeout,
        _ when Said(e, peers, "client identity expired") => LedgerCodes.CertificateExpired,
        _ when Said(e, peers, "access denied") => LedgerCodes.Denied,
        _ when e.Status is StatusCode.Aborted && Said(e, peers, "do not match") => LedgerCodes.Mismatch,
        _ when e.Status is StatusCode.Aborted && IsChaincodeAway(e, peers) => LedgerCodes.ChaincodeUnavailable,
        _ => CodeOf(e),
    };

    // In a 2.5 peer's words: refused connection, stream cut in the middle, no answer in the execute timeout.
    private static bool IsChaincodeAway(RpcException e, List<PeerError> peers) =>
        Said(e, peers, "could not launch chaincode") || Said(e, peers, "chaincode stream terminated")
        || Said(e, peers, "timeout expired while executing transaction");

    private static bool Said(RpcException e, List<PeerError> peers, string words) =>
        e.Detail.Contains(words, StringComparison.Ordinal)
        || peers.Exists(peer => peer.Message.Contains(words, StringComparison.Ordinal));

    private static string CodeOf(RpcException e) => e.Status switch
    {
        StatusCode.Unavailable or StatusCode.Cancelled => LedgerCodes.Unavailable,
        StatusCode.DeadlineExceeded => LedgerCodes.Timeout,
        StatusCode.PermissionDenied or StatusCode.Unauthenticated => LedgerCodes.Denied,
        StatusCode.FailedPrecondition or StatusCode.NotFound or StatusCode.Unimplemented => LedgerCodes.NotReady,
        StatusCode.Internal or StatusCode.DataLoss => LedgerCodes.BadAnswer,
        _ => LedgerCodes.Refused,
    };

    private static List<PeerError> PeerErrors(ReadOnlyMemory<byte> statusDetails)
    {
        var errors = new List<PeerError>();
        try
        {
            foreach (var detail in RpcStatus.Parser.ParseFrom(statusDetails.Span).Details)
            {
                if (detail.TryUnpack<ErrorDetail>(out var error))
                {
                    errors.Add(new PeerError(error.Address, error.MspId, error.Message));
                }
            }
        }
        catch (InvalidProtocolBufferException)
        {
            // Details explain the failure and never change it: unreadable ones count as none.
        }
        return errors;
    }

    private static (string Code, string Message) SplitCode(string text)
    {
        var colon = text.IndexOf(": ", StringComparison.Ordinal);
        return colon is > 0 and <= LongestCode && Code().IsMatch(text.AsSpan(0, colon))
            ? (text[..colon], text[(colon + 2)..])
            : (LedgerCodes.ChaincodeError, text);
    }

    private static string SnakeCase(string pascal)
    {
        var text = new StringBuilder(pascal.Length + 4);
        foreach (var c in pascal)
        {
            if (char.IsAsciiLetterUpper(c) && text.Length > 0)
            {
                text.Append('_');
            }
            text.Append(char.ToLowerInvariant(c));
        }
        return text.ToString();
    }

    // "chaincode response 500, asset.not_found: …", in a peer's own words or wrapped in the gateway's.
    [GeneratedRegex(@"chaincode response (?<status>[0-9]{1,9}), (?<text>.*)\z", RegexOptions.Singleline | RegexOptions.CultureInvariant)]
    private static partial Regex ChaincodeResponse();

    [GeneratedRegex(@"\A[a-z][A-Za-z0-9]*(?:[._][A-Za-z0-9]+)+\z", RegexOptions.CultureInvariant)]
    private static partial Regex Code();
}
