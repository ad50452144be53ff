using System.Buffers.Text;
using System.Runtime.CompilerServices;
using System.Text;
using HealthShare.Chaincode.Ledger;
using HealthShare.Chaincode.Shim;
using HealthShare.Policy.Decisions;
using HealthShare.Policy.Ids;
using HealthShare.Policy.Statements;
using static HealthShare.UnitTests.Chaincode.LedgerScene;

namespace HealthShare.UnitTests.Chaincode;

public sealed class LedgerTests
{
    private static readonly LedgerJson Types = LedgerJson.Default;

    [Fact]
    public async Task Every_key_of_the_state_tells_its_kind_and_its_parts()
    {
        using var scene = await WithRecordsAsync();
        var link = scene.Statement(new LinkBody(South));
        await scene.SubmitAsync(South, LedgerTransactions.LinkPatient, scene.Sign(link), Types.SignedStatement);
        await scene.GrantAsync(StoryGrant);
        var access = await scene.AskAsync(scene.Request(1));
        await scene.SubmitAsync(North, LedgerTransactions.ReleaseKeys, new ReleaseKeys(access.Ref, LedgerId.New(IdKind.Release),
            [RecordId(1)], KeyIdOf(South), new string('A', 43)), Types.ReleaseKeys);
        using var crew = await EmergencyCrew.RegisteredAsync(scene);
        var reviewed = (await crew.BreakGlassAsync(scene)).Emergency;
        await scene.SubmitAsync(North, LedgerTransactions.ReviewEmergency,
            new ReviewEmergency(reviewed, ReviewOutcome.NeedsInquiry, "s-1"), Types.ReviewEmergency);
        await crew.BreakGlassAsync(scene);
        await scene.SubmitAsync(North, LedgerTransactions.ReportMismatch,
            new ReportMismatch(access.Ref, [new MismatchItem("access.permit_not_trusted", RecordId(1))]), Types.ReportMismatch);

        await scene.SubmitAsync(North, LedgerTransactions.AttestConsent, new AttestConsent(scene.PatientId, LedgerId.New(IdKind.Statement),
            AttestationForm.Paper, Base64Url.EncodeToString(StatementWriter.WriteGrant(StoryGrant))), Types.AttestConsent);
        using var friend = new DelegateScene(scene);
        await friend.AppointAsync();
        var permit = await scene.GrantAsync(friend.Sign(StoryGrant));
        using var parent = new DelegateScene(scene);
        await scene.SubmitAsync(North, LedgerTransactions.AttestSigner, new AttestSigner(scene.PatientId, parent.Id, VouchedKind.Guardian,
            [scene.Credential(parent.Passkey)], DelegateScene.End), Types.AttestSigner);
        await scene.SubmitAsync(South, LedgerTransactions.Confirm, scene.Sign(new ConfirmBody([permit.StatementId])), Types.SignedStatement);
        await scene.SubmitAsync(North, LedgerTransactions.ProposeChange,
            new ProposeChange(LedgerId.New(IdKind.Proposal), new GovernanceChange(Suspend: East)), Types.ProposeChange);

        await scene.GrantAsync(StoryGrant with { Uses = 1, Scope = [new Provision { Who = [new WhoOrg(South)], Category = [Image] }] });
        await scene.AskAsync(scene.Request(3));

        var other = LedgerId.New(IdKind.Patient);
        await scene.SubmitAsync(North, LedgerTransactions.EnrollPatient, new EnrollPatient(other), Types.EnrollPatient);
        await scene.SubmitAsync(North, LedgerTransactions.MergePatients,
            new MergePatients(LedgerId.New(IdKind.Statement), other, scene.PatientId), Types.MergePatients);
        await scene.SubmitAsync(North, LedgerTransactions.SupersedeRecords,
            new SupersedeRecords([new NewSupersession(scene.PatientId, RecordId(1), Relation.Amends, RecordId(2))]), Types.SupersedeRecords);
        await scene.SubmitAsync(South, LedgerTransactions.ErasePatient, scene.Sign(new EraseBody()), Types.SignedStatement);
        await scene.SubmitAsync(North, LedgerTransactions.ReportErasure, new ReportErasure(scene.PatientId), Types.ReportErasure);

        var kinds = scene.Ledger.State.Keys.Select(key =>
        {
            Assert.True(LedgerKey.TryParse(key, out var kind, out var parts));
            Assert.Equal(key, LedgerKey.Prefix(kind, parts));
            return kind;
        });
        Assert.Equal(Enum.GetValues<LedgerKind>(), kinds.Distinct().Order());
        Assert.True(LedgerKey.TryParse(LedgerKey.Release(access.Ref, North, "rl"), out _, out var release));
        Assert.Equal([scene.PatientId, South, access.Request.AccessId, North, "rl"], release);
    }

    [Theory]
    [InlineData("")]
    [InlineData("plain")]
    [InlineData("\0")]
    [InlineData("\0\0")]
    [InlineData("\0rec\0pt-1\0")]
    [InlineData("\0rec\0a\0b\0c\0d\0")]
    [InlineData("\0rec\0a\0b\0c")]
    [InlineData("\0unknown\0a\0")]
    public void A_key_of_no_layout_is_told_apart(string key) => Assert.False(LedgerKey.TryParse(key, out _, out _));

    [Fact]
    public async Task The_same_proposal_gives_the_same_bytes_on_every_endorser()
    {
        using var scene = await WithRecordsAsync();
        await scene.GrantAsync(StoryGrant);
        var grant = scene.Sign(StoryGrant);
        var request = scene.Request(1, 2, 3);
        var access = await scene.AskAsync(scene.Request(1));
        var release = new ReleaseKeys(access.Ref, LedgerId.New(IdKind.Release), [RecordId(1)], KeyIdOf(South), new string('A', 43));
        foreach (var (caller, name, json) in ((string, string, string)[])
        [
            (North, LedgerTransactions.EnrollPatient, Json(new EnrollPatient(LedgerId.New(IdKind.Patient), [scene.Credential()]), Types.EnrollPatient)),
            (North, LedgerTransactions.RegisterRecords, Json(new RegisterRecords([scene.Record(5), scene.Record(4)]), Types.RegisterRecords)),
            (North, LedgerTransactions.SupersedeRecords, Json(new SupersedeRecords(
                [new NewSupersession(scene.PatientId, RecordId(1), Relation.Cancels, RecordId(2))]), Types.SupersedeRecords)),
            (South, LedgerTransactions.GrantConsent, Json(grant, Types.SignedStatement)),
            (South, LedgerTransactions.LinkPatient, Json(scene.Sign(new LinkBody(East)), Types.SignedStatement)),
            (South, LedgerTransactions.RevokeConsent, Json(scene.Sign(new RevokeBody(LedgerId.New(IdKind.Statement))), Types.SignedStatement)),
            (South, LedgerTransactions.RequestAccess, Json(request, Types.RequestAccess)),
            (North, LedgerTransactions.ReleaseKeys, Json(release, Types.ReleaseKeys)),
        ])
        {
            var (one, first) = await scene.RunAsync(caller, name, json);
            scene.ClockAhead = TimeSpan.FromMinutes(4);
            var (two, second) = await scene.RunAsync(caller, name, json);
            scene.ClockAhead = default;
            Assert.True(one.IsSuccess, one.Message);
            Assert.Equal(Hex(one.Payload), Hex(two.Payload));
            Assert.NotEmpty(first.Writes);
            Assert.Equal(first.Writes.Select(write => (write.Key, Hex(write.Value ?? default))), second.Writes.Select(write => (write.Key, Hex(write.Value ?? default))));
            Assert.Equal(Hex(first.Event!.Payload), Hex(second.Event!.Payload));
        }
    }

    [Fact]
    public async Task Null_in_a_list_is_refused_like_any_other_bad_argument()
    {
        using var scene = await WithRecordsAsync();
        var credential = Json(scene.Credential() with { Origins = [null!] }, Types.Credential);
        foreach (var (name, json) in ((string, string)[])
        [
            (LedgerTransactions.InitNetwork, """{"organizations":[null]}"""),
            (LedgerTransactions.EnrollPatient, $$"""{"patientId":"{{scene.PatientId}}","credentials":[null]}"""),
            (LedgerTransactions.EnrollPatient, $$"""{"patientId":"{{scene.PatientId}}","credentials":[{{credential}}]}"""),
            (LedgerTransactions.RegisterRecords, """{"records":[null]}"""),
            (LedgerTransactions.RegisterRecords, Json(new RegisterRecords([scene.Record(1) with { Labels = [null!] }]), Types.RegisterRecords)),
            (LedgerTransactions.RequestAccess, Json(scene.Request(1) with { Records = [null!] }, Types.RequestAccess)),
            (LedgerTransactions.ReleaseKeys, Json(new ReleaseKeys(new(scene.PatientId, South, LedgerId.New(IdKind.Access)),
                LedgerId.New(IdKind.Release), [null!], "k", new string('A', 43)), Types.ReleaseKeys)),
        ])
            await scene.RefusedAsync("arguments.invalid", North, name, json);
    }

    [Fact]
    public async Task Nothing_on_the_ledger_or_in_an_event_tells_what_a_record_is_about()
    {
        using var scene = await WithRecordsAsync();
        await scene.GrantAsync(StoryGrant);
        await scene.AskAsync(scene.Request(1, 2, 3));
        var everything = string.Join('\n', scene.Ledger.State.Select(entry => entry.Key + Encoding.UTF8.GetString(entry.Value))
            .Concat(scene.Ledger.Events.Select(raised => Encoding.UTF8.GetString(raised.Payload.Span))));
        Assert.DoesNotContain("HIV", everything, StringComparison.Ordinal);
        Assert.DoesNotContain("\"LAB", everything, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_node_decides_over_its_replica_as_the_endorsers_did()
    {
        using var scene = await WithRecordsAsync();
        await scene.GrantAsync(StoryGrant);
        await scene.GrantAsync(new GrantBody(Effect.Deny, [new Provision { Records = [RecordId(3)] }], new Period(Start)));
        var access = await scene.AskAsync(scene.Request(1, 2, 3));
        var replica = new Replica(scene.Ledger.State);
        var south = Read(await replica.GetAsync(LedgerKey.Organization(South), default) ?? [], Types.OrganizationEntry);
        foreach (var policy in (PatientPolicy[])
        [
            await PatientPolicy.LoadAsync(replica, scene.PatientId, default),
            await PatientPolicy.LoadVerifiedAsync(replica, scene.PatientId, Custodian(), default),
        ])
        {
            foreach (var stored in access.Decisions)
            {
                var record = Read((await replica.GetAsync(LedgerKey.Record(scene.PatientId, North, stored.Record.RecordId), default))!, Types.RecordEntry);
                var decision = policy.Decide(PatientPolicy.FactsOf(record), PatientPolicy.FactsOf(access.Request, south, access.RequestedAt));
                Assert.Equal((stored.Permitted, stored.Reason, stored.StatementId, stored.NotAfter),
                    (decision.Permitted, DecisionCodes.CodeOf(decision.Reason), decision.StatementId, decision.NotAfter));
            }
        }
    }

    [Fact]
    public async Task A_custodian_counts_no_permit_that_a_credential_it_trusts_did_not_sign()
    {
        using var scene = await WithRecordsAsync();
        var genuine = await scene.GrantAsync(StoryGrant);
        var record = PatientPolicy.FactsOf(new RecordEntry(North, Start, scene.Record(1)));
        var request = PatientPolicy.FactsOf(scene.Request(1), Founders.Organizations.Single(member => member.MspId == South), Start);
        var replica = new Replica(scene.Ledger.State);
        Assert.True((await PatientPolicy.LoadVerifiedAsync(replica, scene.PatientId, Custodian(), default)).Decide(record, request).Permitted);
        Assert.False((await PatientPolicy.LoadVerifiedAsync(replica, scene.PatientId, Custodian(isTrusted: _ => false), default)).Decide(record, request).Permitted);
        Assert.False((await PatientPolicy.LoadVerifiedAsync(replica, scene.PatientId, Custodian() with { Channel = "other" }, default)).Decide(record, request).Permitted);

        // Members who collude can write what the chaincode would refuse: here a permit with another statement's assertion.
        var forged = scene.Statement(StoryGrant);
        var entry = genuine with { StatementId = forged.Id, Signed = scene.Sign(forged) with { Assertion = genuine.Signed.Assertion } };
        var state = new Dictionary<string, byte[]>(scene.Ledger.State, StringComparer.Ordinal);
        state.Remove(LedgerKey.Statement(scene.PatientId, genuine.StatementId));
        state[LedgerKey.Statement(scene.PatientId, forged.Id)] = Encoding.UTF8.GetBytes(Json(entry, Types.StatementEntry));
        replica = new Replica(state);
        Assert.True((await PatientPolicy.LoadAsync(replica, scene.PatientId, default)).Decide(record, request).Permitted);
        Assert.False((await PatientPolicy.LoadVerifiedAsync(replica, scene.PatientId, Custodian(), default)).Decide(record, request).Permitted);
    }

    [Theory]
    [InlineData("not JSON")]
    [InlineData("{}")]
    [InlineData("""{"statementId":"x","signed":{"statement":"AAAA","assertion":{"credential":"","authenticatorData":"","clientDataJSON":"","signature":""}},"relayedBy":"N","acceptedAt":"2026-03-01T08:00:00Z"}""")]
    public async Task Where_a_stored_statement_cannot_be_read_nothing_is_permitted(string json)
    {
        using var scene = await WithRecordsAsync();
        await scene.GrantAsync(StoryGrant);
        var state = new Dictionary<string, byte[]>(scene.Ledger.State, StringComparer.Ordinal)
        {
            [LedgerKey.Statement(scene.PatientId, LedgerId.New(IdKind.Statement))] = Encoding.UTF8.GetBytes(json),
        };
        var policy = await PatientPolicy.LoadAsync(new Replica(state), scene.PatientId, default);
        var own = PatientPolicy.FactsOf(scene.Request(1), Founders.Organizations.Single(member => member.MspId == North), Start);
        Assert.Equal(DecisionReason.Unreadable, policy.Decide(PatientPolicy.FactsOf(new RecordEntry(North, Start, scene.Record(1))), own).Reason);
    }

    private static string Hex(ReadOnlyMemory<byte> bytes) => Convert.ToHexString(bytes.Span);

    /// <summary>A node's copy of the state.</summary>
    internal sealed class Replica(IReadOnlyDictionary<string, byte[]> state) : ILedgerState
    {
        public Task<byte[]?> GetAsync(string key, CancellationToken ct) => Task.FromResult(state.GetValueOrDefault(key));

        public async IAsyncEnumerable<KeyValuePair<string, ReadOnlyMemory<byte>>> ListAsync(
            LedgerKind kind, IReadOnlyList<string> parts, [EnumeratorCancellation] CancellationToken ct)
        {
            await Task.CompletedTask;
            var prefix = CompositeKey.Make(LedgerKey.ObjectTypeOf(kind), parts);
            foreach (var (key, value) in state.Where(entry => entry.Key.StartsWith(prefix, StringComparison.Ordinal)))
                yield return new(key, value);
        }
    }

}
