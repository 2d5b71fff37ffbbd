package undring.client;

import com.google.protobuf.Timestamp;
import io.grpc.ManagedChannel;
import io.grpc.netty.NettyChannelBuilder;
import java.time.Instant;
import java.util.List;
import java.util.UUID;
import undring.v1.Feedback.*;
import undring.v1.ObservationOuterClass.*;
import undring.v1.SchoolOuterClass.Role;
import undring.v1.SessionOuterClass.*;
import undring.v1.SessionServiceGrpc;

/**
 * Goes through a whole visit against a demo server, as two phones would.
 *
 * <p>Usage: {@code Visit HOST:PORT}, of the gRPC port. Prints what held; ends with an exception where
 * something does not.
 */
public final class Visit {
  private static final String ANSWER = "De fikk tid til å tenke.";

  public static void main(String[] args) throws Exception {
    ManagedChannel channel = NettyChannelBuilder.forTarget(args[0]).usePlaintext().build();
    try {
      visit(channel);
    } finally {
      channel.shutdownNow();
    }
  }

  private static void visit(ManagedChannel channel) throws Exception {
    var options = SessionServiceGrpc.newBlockingStub(channel).getSignInOptions(GetSignInOptionsRequest.getDefaultInstance());
    List<String> teachers =
        options.getDemoPeopleList().stream().filter(p -> p.getRolesList().contains(Role.ROLE_TEACHER)).map(DemoPerson::getId).toList();
    Phone observer = new Phone(channel, teachers.get(0));
    Phone observed = new Phone(channel, teachers.get(1));
    proves(true, "two teachers sign in");

    String visit = id();
    Instant start = Instant.now().plusSeconds(3);
    observer.visits.proposeObservation(
        ProposeObservationRequest.newBuilder()
            .setId(visit)
            .setRequestId(id())
            .setSchoolId(observer.school)
            .setObserverId(observer.person)
            .setObservedId(observed.person)
            .setStartTime(time(start))
            .setEndTime(time(start.plusSeconds(45 * 60)))
            .build());
    observed.visits.setFocus(
        SetFocusRequest.newBuilder()
            .setObservationId(visit)
            .setRequestId(id())
            .setFocusQuestion("Hvem får ordet i klassen min?")
            .build());
    observed.visits.acceptObservation(AcceptObservationRequest.newBuilder().setObservationId(visit).setRequestId(id()).build());
    observer.pullUntilEqual(visit);
    proves(
        observer.visit(visit).getState() == ObservationState.OBSERVATION_STATE_AGREED,
        "a visit is proposed, has its card and is agreed, and the observer's phone pulls it");

    while (Instant.now().isBefore(start.plusSeconds(1))) { // the lesson begins
      Thread.sleep(100);
    }
    String saw = id();
    String wonder = id();
    observer.push(
        note(visit, saw, NoteKind.NOTE_KIND_SAW, "Fire elever svarte."),
        note(visit, id(), NoteKind.NOTE_KIND_WONDERING, "Hva hendte da du ventet?"),
        GiveFeedbackRequest.newBuilder()
            .setObservationId(visit)
            .setRequestId(id())
            .addPoints(FeedbackPointDraft.newBuilder().setText("Da du ventet, kom to nye hender.").addNoteIds(saw))
            .addQuestions(QuestionDraft.newBuilder().setId(wonder).setText("Hva tror du skjedde med samtalen da du satte deg ned?"))
            .build());
    observer.pullUntilEqual(visit);
    proves(observer.notes(visit) == 2, "notes and feedback, written without a network and pushed twice, arrive once");

    observed.push(
        RecordOwnViewRequest.newBuilder().setObservationId(visit).setRequestId(id()).setText("Roligere enn jeg trodde.").build(),
        AnswerQuestionRequest.newBuilder().setQuestionId(wonder).setRequestId(id()).setText(ANSWER).build(),
        takeaway(visit, "Å vente litt til."));
    observer.pullUntilEqual(visit);
    proves(
        observer.exchange(visit).getQuestions(0).getAnswer().equals(ANSWER),
        "the observed gives their own view, answers and takes something along; the observer's phone pulls the answer");

    observer.push(takeaway(visit, "Å sette meg ned."));
    observer.pullUntilEqual(visit);
    observed.pullUntilEqual(visit);
    proves(
        observer.visit(visit).getState() == observed.visit(visit).getState()
            && observer.exchange(visit).getTakeaway().getText().equals("Å sette meg ned.")
            && observed.exchange(visit).getTakeaway().getText().equals("Å vente litt til.")
            && observed.notes(visit) == 0,
        "both phones know what the calls tell, each its own take-away, and the observed none of the notes");
  }

  private static SaveNoteRequest note(String visit, String id, NoteKind kind, String text) {
    return SaveNoteRequest.newBuilder().setId(id).setRequestId(id()).setObservationId(visit).setKind(kind).setText(text).build();
  }

  private static RecordTakeawayRequest takeaway(String visit, String text) {
    return RecordTakeawayRequest.newBuilder()
        .setObservationId(visit)
        .setRequestId(id())
        .setText(text)
        .setLearning(Learning.LEARNING_ADJUSTED_PRACTICE)
        .build();
  }

  private static void proves(boolean holds, String what) {
    if (!holds) {
      throw new IllegalStateException("does not hold: " + what);
    }
    System.out.println("from Java: " + what);
  }

  private static String id() {
    return UUID.randomUUID().toString();
  }

  private static Timestamp time(Instant at) {
    return Timestamp.newBuilder().setSeconds(at.getEpochSecond()).build();
  }

  private Visit() {}
}
