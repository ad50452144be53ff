using HealthShare.Chaincode.Ledger;
using HealthShare.Node.Audit;
using HealthShare.Policy.Ids;
using HealthShare.Policy.Statements;
using HealthShare.UnitTests.Chaincode;
using static HealthShare.UnitTests.Chaincode.LedgerScene;
using static HealthShare.UnitTests.Node.Audit.ReplayScene;

namespace HealthShare.UnitTests.Node.Audit;

/// <summary>Words that come later, that fell with their hospital, or that were never enough: what replays, and what is named.</summary>
public sealed class RecompletionReplayTests : IDisposable
{
    private static readonly LedgerJson Types = LedgerJson.Default;
    private readonly string child = LedgerId.New(IdKind.Patient);
    private ReplayScene scene = null!;
    private DelegateScene signer = null!;

    [Theory]
    [InlineData(VouchedKind.Guardian)]
    [InlineData(VouchedKind.Credential)]
    public async Task A_second_word_later_waits_anew_and_one_that_says_otherwise_is_named(VouchedKind kind)
    {
        var known = await BroughtAsync(kind);
        await PinAndLinkAsync();
        scene.Ledger.Ledger.Now = Start.AddDays(60);
        await NamedActAsync(kind); // one word, and a passkey
        await RevokeOwnAsync();
        await NamedActAsync(kind); // one word, and a passkey that was
        var right = known with { Vouchers = [.. known.Vouchers, new Voucher(South, scene.Now)], Needed = 2, CompleteAt = scene.Now };
        foreach (var wrong in (VouchedEntry[])
        [
            right with { CompleteAt = Start }, right with { CompleteAt = null }, right with { CompleteAt = scene.Now.AddHours(-72) },
            right with { Needed = 1 }, right with { Vouchers = [new Voucher(South, scene.Now), .. known.Vouchers] },
            right with { Vouchers = [new Voucher(South, scene.Now)] }, right with { Vouchers = [.. known.Vouchers, new Voucher(South, Start)] },
            right with { Vouchers = [.. right.Vouchers, new Voucher(East, scene.Now)] },
        ])
            await NamedAsync(South, wrong);
        await NamedAsync(North, known with { Vouchers = [.. known.Vouchers, new Voucher(North, scene.Now)], CompleteAt = scene.Now }); // twice itself
        await NamedAsync(North, known with { Vouchers = [new Voucher(North, scene.Now)], CompleteAt = scene.Now });
        await AttestAsync(South, kind);
        Assert.True(LedgerValue.Same(right, Stored(), Types.VouchedEntry));
        await NamedActAsync(kind); // it waits
        scene.Ledger.Ledger.Now += TimeSpan.FromHours(72);
        await scene.SubmitAsync(South, TransactionOf(kind), signer.Sign(Act(kind)), Types.SignedStatement);
    }

    [Fact]
    public async Task A_word_that_fell_with_a_suspension_is_given_anew_and_what_counts_it_before_is_named()
    {
        await BroughtAsync(VouchedKind.Guardian);
        await PinAndLinkAsync();
        await AttestAsync(South, VouchedKind.Guardian);
        scene.Ledger.Ledger.Now = Start.AddDays(10);
        await DecideAsync(new(Suspend: South), North, East, Regulator);
        await NamedActAsync(VouchedKind.Guardian, North); // while South is suspended
        scene.Ledger.Ledger.Now = Start.AddDays(11);
        await DecideAsync(new(Reinstate: South), North, East);
        await NamedActAsync(VouchedKind.Guardian); // nor by its old word
        var known = Stored();
        var word = new Voucher(South, scene.Now);
        await NamedAsync(South, known with { Vouchers = [known.Vouchers[0], word] }); // with the waiting time of the old word
        await NamedAsync(South, known with { Vouchers = [.. known.Vouchers, word], CompleteAt = scene.Now });
        await NamedAsync(East, known with { Vouchers = [known.Vouchers[0], word], CompleteAt = scene.Now });
        await AttestAsync(South, VouchedKind.Guardian);
        Assert.Equal((word, scene.Now), (Stored().Vouchers[1], Stored().CompleteAt));
        await NamedActAsync(VouchedKind.Guardian);
        scene.Ledger.Ledger.Now += TimeSpan.FromHours(72);
        await scene.SubmitAsync(South, LedgerTransactions.GrantConsent, signer.Sign(Act(VouchedKind.Guardian)), Types.SignedStatement);
    }

    [Fact]
    public async Task A_decision_that_rests_on_a_suspended_hospitals_word_is_named()
    {
        await BroughtAsync(VouchedKind.Guardian);
        await scene.SubmitAsync(North, LedgerTransactions.RegisterRecords,
            new RegisterRecords([scene.Ledger.Record(7) with { PatientId = child }]), Types.RegisterRecords);
        scene.Ledger.Ledger.Now = Start.AddDays(3);
        await scene.SubmitAsync(South, LedgerTransactions.GrantConsent, signer.Sign(Act(VouchedKind.Guardian)), Types.SignedStatement);
        var request = scene.Ledger.Request(7) with { PatientId = child };
        var (response, _) = await scene.Ledger.RunAsync(South, LedgerTransactions.RequestAccess, request, Types.RequestAccess);
        var access = Read(response.Payload.ToArray(), Types.AccessEntry);
        Assert.True(access.Decisions[0].Permitted);
        await DecideAsync(new(Suspend: North), South, East, Regulator);
        Assert.Equal(ReplayFaultKind.DecisionWrong,
            (await scene.ForgeAsync(South, Put(LedgerKey.Access(access.Ref), access, Types.AccessEntry)))?.Kind);
    }

    [Fact]
    public async Task An_act_by_a_replacement_that_was_revoked_as_the_patients_own_is_named()
    {
        await BroughtAsync(VouchedKind.Credential);
        await PinAndLinkAsync();
        await AttestAsync(South, VouchedKind.Credential);
        scene.Ledger.Ledger.Now = Start.AddDays(4);
        await scene.SubmitAsync(South, LedgerTransactions.AddCredential, signer.Sign(Act(VouchedKind.Credential)), Types.SignedStatement);
        await scene.SubmitAsync(South, LedgerTransactions.RevokeCredential,
            Sign(new RevokeCredentialBody(signer.Passkey.CredentialId)), Types.SignedStatement);
        using var thiefs = new DelegateScene(scene.Ledger);
        await NamedAdditionAsync(signer.Statement(DelegateScene.Own(thiefs.Passkey)) with { Patient = child }, South);
    }

    public void Dispose()
    {
        signer?.Dispose();
        scene?.Dispose();
    }

    // A child at North without a passkey, and a signer on North's word.
    private async Task<VouchedEntry> BroughtAsync(VouchedKind kind)
    {
        scene = await CreateAsync();
        signer = new DelegateScene(scene.Ledger);
        await scene.SubmitAsync(North, LedgerTransactions.EnrollPatient, new EnrollPatient(child), Types.EnrollPatient);
        await AttestAsync(North, kind);
        return Stored();
    }

    private async Task PinAndLinkAsync()
    {
        await scene.SubmitAsync(North, LedgerTransactions.PinCredential, new PinCredential(child, scene.Ledger.Credential()), Types.PinCredential);
        await scene.SubmitAsync(South, LedgerTransactions.LinkPatient, Sign(new LinkBody(South)), Types.SignedStatement);
    }

    private Task RevokeOwnAsync() => scene.SubmitAsync(South, LedgerTransactions.RevokeCredential,
        Sign(new RevokeCredentialBody(scene.Ledger.Passkey.CredentialId)), Types.SignedStatement);

    private SignedStatement Sign(StatementBody body) => scene.Ledger.Sign(scene.Ledger.Statement(body) with { Patient = child });

    private Task AttestAsync(string member, VouchedKind kind) => scene.SubmitAsync(member, LedgerTransactions.AttestSigner, new AttestSigner(
        child, signer.Id, kind, [scene.Ledger.Credential(signer.Passkey)], kind is VouchedKind.Guardian ? DelegateScene.End : null), Types.AttestSigner);

    private VouchedEntry Stored() => scene.Read(LedgerKey.VouchedSigner(child, signer.Id), Types.VouchedEntry);

    private static string TransactionOf(VouchedKind kind) =>
        kind is VouchedKind.Guardian ? LedgerTransactions.GrantConsent : LedgerTransactions.AddCredential;

    private Statement Act(VouchedKind kind) => signer.Statement(kind is VouchedKind.Guardian
        ? StoryGrant with { Period = new Period(Start, scene.Now.AddDays(30)) }
        : DelegateScene.Own(signer.Passkey)) with { Patient = child };

    // What the signer may not do yet, as colluding members may write it.
    private Task NamedActAsync(VouchedKind kind, string relay = South) => kind is VouchedKind.Guardian
        ? NamedPermitAsync(Act(kind), relay)
        : NamedAdditionAsync(Act(kind), relay);

    private async Task NamedPermitAsync(Statement permit, string relay) => Assert.Equal(ReplayFaultKind.StatementForged, (await scene.ForgeAsync(relay,
        Put(LedgerKey.Statement(child, permit.Id), new StatementEntry(permit.Id, signer.Sign(permit), relay, scene.Now), Types.StatementEntry)))?.Kind);

    private async Task NamedAdditionAsync(Statement addition, string relay)
    {
        var body = (AddCredentialBody)addition.Body;
        var fault = await scene.ForgeAsync(relay,
            Put(LedgerKey.Credential(child, body.Credential), new CredentialEntry(child,
                new Credential(body.Credential, body.PublicKey, body.RpId, [.. body.Origins]), relay, scene.Now, addition.Id), Types.CredentialEntry),
            Put(LedgerKey.EndedStatement(child, addition.Id), new EndedStatementEntry(
                addition.Id, EndedStatementKind.CredentialAdded, relay, scene.Now, signer.Sign(addition)), Types.EndedStatementEntry));
        Assert.Contains(fault?.Kind, (ReplayFaultKind?[])[ReplayFaultKind.CredentialForged, ReplayFaultKind.StatementForged]);
    }

    private async Task NamedAsync(string creator, VouchedEntry entry) => Assert.Equal(ReplayFaultKind.AttestationForged,
        (await scene.ForgeAsync(creator, Put(LedgerKey.VouchedSigner(child, signer.Id), entry, Types.VouchedEntry)))?.Kind);

    private async Task DecideAsync(GovernanceChange change, params string[] voters)
    {
        var id = LedgerId.New(IdKind.Proposal);
        await scene.SubmitAsync(voters[0], LedgerTransactions.ProposeChange, new ProposeChange(id, change), Types.ProposeChange);
        foreach (var voter in voters[1..])
            await scene.SubmitAsync(voter, LedgerTransactions.ApproveChange, new ApproveChange(id), Types.ApproveChange);
    }
}
