using HealthShare.Node.Hosting;
using HealthShare.Node.Intake.Classification;
using HealthShare.Node.Intake.Desk;
using HealthShare.Node.Intake.Folder;
using HealthShare.Node.Intake.Identity;
using HealthShare.Node.Intake.Journal;
using HealthShare.Node.Intake.Lineage;
using HealthShare.Node.Intake.Parts;
using HealthShare.Node.Intake.Pipeline;
using HealthShare.Node.Intake.Provenance;
using HealthShare.Node.Intake.Receiving;
using HealthShare.Node.Patients;
using Microsoft.AspNetCore.Http.Json;
using Microsoft.Extensions.Options;

namespace HealthShare.Node.Intake;

internal static class IntakeServices
{
    /// <summary>Takes messages in, over MLLP and HTTP, and on to the ledger. Register it after patients.</summary>
    public static IServiceCollection AddIntake(this IServiceCollection services)
    {
        services.AddNodeOptions<IntakeOptions, IntakeOptionsValidator>("Intake")
            .Validate(options => TimeZoneInfo.TryFindSystemTimeZoneById(options.TimeZone, out _), "HealthShare:Intake:TimeZone is no zone known here.");
        services.AddSingleton<IValidateOptions<IntakeOptions>, AuthoritiesValidator>();
        services.AddSingleton(provider => new AuthorityNames(provider.GetRequiredService<IOptions<IntakeOptions>>().Value.Authorities));
        services.AddNodeOptions<MllpOptions, MllpOptionsValidator>("Mllp")
            .Validate(options => System.Net.IPAddress.TryParse(options.Address, out _), "HealthShare:Mllp:Address is no IP address.")
            .Validate<IOptions<NodeOptions>>((options, node) => options.Port is null || node.Value.Kind is NodeKind.Hospital,
                "HealthShare:Mllp:Port is set, but a regulator's node takes no messages in.");
        services.AddSingleton<IntakeMetrics>();
        services.AddSingleton<IntakeSignal>();
        services.AddSingleton<IntakeHistory>();
        services.AddSingleton<IntakeTable>();
        services.AddSingleton<JournalWriter>();
        services.AddSingleton<IDiskSpace>(provider => new DiskSpace(provider.GetRequiredService<IOptions<NodeOptions>>().Value.DataFolder));
        services.AddSingleton<JournalRoom>();
        services.AddSingleton<IntakeCheck>();
        services.AddSingleton<IntakeJournal>();
        services.AddSingleton<MessageReceiver>();
        services.AddSingleton<MessageBodies>();
        services.AddSingleton<BatchReceiver>();
        services.AddSingleton<MessageQuery>();
        services.AddSingleton<MessageDesk>();
        services.AddHostedService<JournalPruner>();
        services.AddHostedService<QuarantineCounter>();
        services.AddSingleton<IIntakeLedger, IntakeLedger>();
        services.AddSingleton(provider =>
        {
            var options = provider.GetRequiredService<IOptions<IntakeOptions>>().Value;
            return new Classifier(LabelRules.Load(options.LabelsFile), TimeZoneInfo.FindSystemTimeZoneById(options.TimeZone), provider.GetRequiredService<AuthorityNames>());
        });
        services.AddSingleton<StageProgress>();
        services.AddSingleton<StageFailures>();
        services.AddSingleton<IntakeEnrollment>();
        services.AddSingleton<PatientNumbers>();
        services.AddSingleton<IdentityChanges>();
        services.AddSingleton<ZoneWatch>();
        services.AddSingleton<MessageSplitter>();
        services.AddSingleton<RecordBuilder>();
        services.AddSingleton<IIntakeStage, ParseStage>();
        services.AddSingleton<IIntakeStage, StoreStage>();
        services.AddSingleton<IIntakeStage, RegisterStage>();
        services.AddSingleton<LineageTable>();
        services.AddSingleton<ProvenanceTable>();
        services.AddSingleton<IIntakeStage, SupersedeStage>();
        services.AddHostedService<IntakeWorker>();
        services.AddNodeOptions<FolderOptions, FolderOptionsValidator>("Folder")
            .Validate<IOptions<NodeOptions>>((options, node) => options.Path is null or "" || node.Value.Kind is NodeKind.Hospital,
                "HealthShare:Folder:Path is set, but a regulator's node takes no messages in.");
        services.AddSingleton<FolderState>();
        services.AddSingleton<FolderDoor>();
        services.AddHostedService(provider => provider.GetRequiredService<FolderDoor>());
        services.AddSingleton<MllpIntakeHandler>();
        services.AddSingleton<MllpListener>();
        services.Configure<JsonOptions>(MessageJson.AddTo);
        services.Configure<JsonOptions>(DeskJson.AddTo);
        // Last: senders are let in when everything behind the door runs; at a stop it closes first.
        return services.AddHostedService(provider => provider.GetRequiredService<MllpListener>());
    }
}
