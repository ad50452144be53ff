using System.Text;
using HealthShare.Chaincode.Ledger;
using HealthShare.Fabric.Client;
using HealthShare.Node.Access.Requests;
using HealthShare.Node.Auth;
using HealthShare.Node.Ledger;
using HealthShare.Node.Problems;
using HealthShare.Node.ReadModel;
using HealthShare.Policy;
using HealthShare.Policy.Decisions;
using HealthShare.Policy.Emergencies;
using HealthShare.Policy.Ids;
using HealthShare.Policy.Statements;

namespace HealthShare.Node.Access.Emergencies;

/// <summary>
/// Breaks the glass: keeps the words, brings the declaration to the channel, then asks for the records in the session. Each step has
/// no second effect, so whoever got no answer sends the same again.
/// </summary>
internal sealed partial class EmergencyDeclaration(
    EmergencyReasons reasons, EmergencyReader reader, AccessRequester requester, LedgerService ledger, Replica replica, CatchUp catchUp,
    ILogger<EmergencyDeclaration> logger)
{
    private const int ShortestReason = 10, LongestReason = 2000;

    /// <summary>Declares an emergency.</summary>
    /// <exception cref="PolicyException">The declaration is not one, or not the caller's.</exception>
    /// <exception cref="ApiProblemException">The reason is not as it should be.</exception>
    /// <exception cref="LedgerException">The channel refuses, or is away.</exception>
    public async Task<EmergencyView> DeclareAsync(NewEmergency declared, Caller caller, CancellationToken ct)
    {
        var (statement, salt) = await CheckAsync(declared, caller, ct);
        var asked = new NewAccessRequest(
            statement.Patient, DecisionKernel.EmergencyTreatment, declared.RecordIds, declared.Categories, statement.Id);
        var signed = new SignedEmergency(declared.Statement, declared.First, declared.Second);
        if (await requester.FindFaultAsync(asked, caller, statement.Id, ct) is { } fault) // before the glass is broken
        {
            // Whose signatures do not hold hears that, and nothing of the patient.
            await EmergencySession.VerifyAsync(replica, ledger.Channel, ledger.MspId, signed, ct);
            throw new ApiProblemException(fault);
        }
        var commit = await SubmitAsync(declared, signed, statement, salt, ct);
        LogBroken(statement.Id, commit.TransactionId, commit.Block);
        return await AskAsync(asked, caller, ct) is { } access && await reader.FindAsync(commit.Result.Emergency, ct) is { } view
            ? view with { Access = access }
            : throw new ApiProblemException(new ApiProblem(StatusCodes.Status503ServiceUnavailable, "readmodel.behind",
                "The emergency is declared; send the same again shortly."));
    }

    private async Task<LedgerCommit<EmergencyEntry>> SubmitAsync(
        NewEmergency declared, SignedEmergency signed, EmergencyStatement statement, byte[] salt, CancellationToken ct)
    {
        var isNew = await KeepAsync();
        LedgerCommit<EmergencyEntry> commit;
        try
        {
            commit = await ledger.SubmitAsync(
                LedgerTransactions.BreakGlass, signed, LedgerJson.Default.SignedEmergency, LedgerJson.Default.EmergencyEntry, ct);
        }
        catch (LedgerException e) when (e.ChaincodeStatus is not null && isNew)
        {
            // What an earlier attempt kept stays: nobody may know yet how that one came out.
            await reasons.ForgetAsync(new EmergencyRef(statement.Patient, ledger.MspId, statement.Id), statement.Reason.Commitment, CancellationToken.None);
            throw;
        }
        await catchUp.ToAsync(commit.Block, ct);
        await KeepAsync(); // the same declaration, refused a moment before this one was taken, may have taken the words along
        return commit;

        Task<bool> KeepAsync() => reasons.KeepAsync(statement.Id, statement.Reason.Commitment, salt, declared.Reason, ct);
    }

    // Null where this node's copy does not know yet what was just declared, and there was nothing to ask the channel.
    private async Task<AccessRequestView?> AskAsync(NewAccessRequest asked, Caller caller, CancellationToken ct)
    {
        try
        {
            return (await requester.AskAsync(asked, caller, asked.EmergencyId, ct)).View;
        }
        catch (ApiProblemException e) when (e.Problem.Code == AccessRequester.EmergencyNotFound)
        {
            return null;
        }
    }

    private async Task<(EmergencyStatement Statement, byte[] Salt)> CheckAsync(NewEmergency declared, Caller caller, CancellationToken ct)
    {
        var statement = Policy.Emergencies.EmergencyReader.Read(
            StatementReader.Decode(declared.Statement, EmergencyStatement.MaxBytes, "The declaration"));
        if (statement.Member != ledger.MspId)
            throw new PolicyException("emergency.wrong_member", "The declaration is another hospital's.");
        if (statement.Role != RoleCode.Of(caller.Role))
            throw new PolicyException("emergency.wrong_role", "The session is for another role than the caller's.");
        CheckReason(declared.Reason);
        if (!StrictBase64Url.TryDecode(declared.Salt, EmergencyReasons.SaltBytes, out var salt) || salt.Length != EmergencyReasons.SaltBytes)
            throw new ApiProblemException(ApiProblem.Invalid($"salt is not {EmergencyReasons.SaltBytes} bytes in base64url."));
        if (System.Buffers.Text.Base64Url.EncodeToString(EmergencyReasons.CommitmentOf(salt, declared.Reason)) != statement.Reason.Commitment)
            throw new PolicyException("emergency.reason_mismatch", "The declaration does not commit to this reason and salt.");
        // The first signature says who declares: it must be the caller's own, or one could break the glass in another's name.
        if (!LedgerCode.IsCredentialId(declared.First.Credential)
            || await replica.GetAsync(LedgerKey.StaffKey(ledger.MspId, declared.First.Credential), LedgerJson.Default.StaffKeyEntry, ct)
                is not { } key || key.Staff != caller.StaffId)
            throw new PolicyException("emergency.not_signer", "The first signature is not by a key of the caller.");
        return (statement, salt);
    }

    // Blanks and dots are no words: a review would have nothing to go by.
    private static void CheckReason(string reason)
    {
        var words = reason.Trim();
        if (words.Length < ShortestReason || reason.Length > LongestReason)
        {
            throw new ApiProblemException(ApiProblem.Invalid(
                $"reason has {words.Length} characters without the blanks around them; {ShortestReason} to {LongestReason} are accepted, blanks included."));
        }
        if (!words.EnumerateRunes().Any(Rune.IsLetter))
            throw new ApiProblemException(ApiProblem.Invalid("reason has no words."));
    }

    [LoggerMessage(3755, LogLevel.Warning, "The glass is broken: emergency {EmergencyId}, {TransactionId} in block {Block}.")]
    private partial void LogBroken(string emergencyId, string transactionId, ulong block);
}
