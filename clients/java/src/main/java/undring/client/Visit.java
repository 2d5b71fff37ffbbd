package undring.client;

import com.google.protobuf.Any;
import com.google.protobuf.Message;
import com.google.protobuf.Timestamp;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.netty.NettyChannelBuilder;
import io.grpc.stub.MetadataUtils;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import undring.v1.Feedback.*;
import undring.v1.FeedbackServiceGrpc;
import undring.v1.ObservationOuterClass.*;
import undring.v1.ObservationServiceGrpc;
import undring.v1.SessionOuterClass.*;
import undring.v1.SessionServiceGrpc;
import undring.v1.Sync.*;
import undring.v1.SyncServiceGrpc;
import undring.v1.SchoolOuterClass.Membership;

/**
 * Goes through a visit against a demo server as two phones would: proposes, agrees, pushes what
 * was written without a network, gives feedback, answers, and pulls what has come of it.
 *
 * <p>Usage: {@code Visit HOST:PORT}, of the gRPC port. Exits with 0 when all went as it should.
 */
public final class Visit {
  /** A phone of somebody who has signed in. */
  private static final class Phone {
    final String person;
    final String school;
    final ObservationServiceGrpc.ObservationServiceBlockingStub visits;
    final FeedbackServiceGrpc.FeedbackServiceBlockingStub feedback;
    final SyncServiceGrpc.SyncServiceBlockingStub sync;
    String cursor = "";

    Phone(ManagedChannel channel, String person) {
      this.person = person;
      SignInResponse in =
          SessionServiceGrpc.newBlockingStub(channel)
              .signIn(SignInRequest.newBuilder().setDemoPerson(person).setDeviceName("Java").build());
      Metadata headers = new Metadata();
      headers.put(
          Metadata.Key.of("authorization", Metadata.ASCII_STRING_MARSHALLER),
          "Bearer " + in.getAccessToken());
      var signedIn = MetadataUtils.newAttachHeadersInterceptor(headers);
      visits = ObservationServiceGrpc.newBlockingStub(channel).withInterceptors(signedIn);
      feedback = FeedbackServiceGrpc.newBlockingStub(channel).withInterceptors(signedIn);
      sync = SyncServiceGrpc.newBlockingStub(channel).withInterceptors(signedIn);
      GetMeResponse me =
          SessionServiceGrpc.newBlockingStub(channel)
              .withInterceptors(signedIn)
              .getMe(GetMeRequest.getDefaultInstance());
      String at = "";
      for (Membership m : me.getMembershipsList()) {
        at = m.getSchoolId();
      }
      school = at;
    }

    /** Sends operations in their order, each of which has to be done. */
    void push(List<Message> requests) {
      PushRequest.Builder batch = PushRequest.newBuilder();
      for (Message request : requests) {
        batch.addOperations(Operation.newBuilder().setRequest(Any.pack(request)));
      }
      for (OperationResult result : sync.push(batch.build()).getResultsList()) {
        check(result.getOutcome() == OperationOutcome.OPERATION_OUTCOME_DONE, "pushing: " + result);
      }
    }

    /** Pulls until the exchange of a visit is there with an answer, or, without, with a question. */
    Exchange pullExchange(String visit, boolean answered) throws InterruptedException {
      for (int i = 0; i < 100; i++) {
        PullResponse pulled = sync.pull(PullRequest.newBuilder().setCursor(cursor).build());
        cursor = pulled.getNextCursor();
        for (Change change : pulled.getChangesList()) {
          Exchange exchange = change.getExchange();
          if (exchange.getObservationId().equals(visit)
              && exchange.getQuestionsCount() > 0
              && (!answered || !exchange.getQuestions(0).getAnswer().isEmpty())) {
            return exchange;
          }
        }
        if (!pulled.getMore()) {
          Thread.sleep(100);
        }
      }
      throw new IllegalStateException("the exchange does not arrive");
    }
  }

  public static void main(String[] args) throws Exception {
    ManagedChannel channel = NettyChannelBuilder.forTarget(args[0]).usePlaintext().build();
    try {
      visit(channel);
    } finally {
      channel.shutdownNow().awaitTermination(5, TimeUnit.SECONDS);
    }
    System.out.println("A visit from Java: proposed, agreed, noted, given, answered, pulled.");
  }

  private static void visit(ManagedChannel channel) throws Exception {
    List<String> people = new ArrayList<>();
    for (DemoPerson p :
        SessionServiceGrpc.newBlockingStub(channel)
            .getSignInOptions(GetSignInOptionsRequest.getDefaultInstance())
            .getDemoPeopleList()) {
      if (p.getRolesList().contains(undring.v1.SchoolOuterClass.Role.ROLE_TEACHER)) {
        people.add(p.getId());
      }
    }
    check(people.size() >= 2, "there are no two teachers");
    Phone observer = new Phone(channel, people.get(0));
    Phone observed = new Phone(channel, people.get(1));

    Instant start = Instant.now().plusSeconds(3);
    String visit = id();
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
    observed.visits.acceptObservation(
        AcceptObservationRequest.newBuilder().setObservationId(visit).setRequestId(id()).build());

    Thread.sleep(Math.max(0, start.plusSeconds(1).toEpochMilli() - System.currentTimeMillis()));
    // What was written in the classroom, without a network.
    String note = id();
    String question = id();
    observer.push(
        List.of(
            SaveNoteRequest.newBuilder()
                .setId(note)
                .setRequestId(id())
                .setObservationId(visit)
                .setKind(NoteKind.NOTE_KIND_SAW)
                .setText("Fire elever svarte.")
                .build(),
            GiveFeedbackRequest.newBuilder()
                .setObservationId(visit)
                .setRequestId(id())
                .addPoints(
                    FeedbackPointDraft.newBuilder().setText("Da du ventet, kom to nye hender.").addNoteIds(note))
                .addQuestions(
                    QuestionDraft.newBuilder()
                        .setId(question)
                        .setText("Hva tror du skjedde med samtalen da du satte deg ned?"))
                .build()));
    observed.push(
        List.of(
            RecordOwnViewRequest.newBuilder()
                .setObservationId(visit)
                .setRequestId(id())
                .setText("Roligere enn jeg trodde.")
                .build(),
            AnswerQuestionRequest.newBuilder()
                .setQuestionId(question)
                .setRequestId(id())
                .setText("De fikk tid til å tenke.")
                .build()));
    Exchange exchange = observer.pullExchange(visit, true);
    check(exchange.getQuestions(0).getAnswer().equals("De fikk tid til å tenke."), "pulled: " + exchange);
    check(observed.pullExchange(visit, true).getPointsCount() == 1, "the observed pulls no feedback");
  }

  private static void check(boolean holds, String otherwise) {
    if (!holds) {
      throw new IllegalStateException(otherwise);
    }
  }

  private static String id() {
    return UUID.randomUUID().toString();
  }

  private static Timestamp time(Instant at) {
    return Timestamp.newBuilder().setSeconds(at.getEpochSecond()).build();
  }

  private Visit() {}
}
